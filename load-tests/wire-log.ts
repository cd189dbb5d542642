/**
 * What one SIPp process saw: a record per call, read from its short message log (every message on the wire, with time
 * and direction) and the line its scenario notes per INVITE. The carrier's is the judge against the database.
 */

export interface WireCall {
  callId: string
  /** As dialed on the wire; for an agent's phone his account. */
  called: string
  caller: string
  /** X-Outpace-Attempt; absent where the trunk does not send it. */
  attemptId: string | undefined
  /** Epoch milliseconds of the first INVITE, and of what followed. */
  invitedAt: number
  ringingAt: number | undefined
  answeredAt: number | undefined
  /** The caller's CANCEL. */
  cancelledAt: number | undefined
  /** First BYE, or the final refusal. */
  endedAt: number | undefined
  hungUpBy: 'caller' | 'callee' | undefined
  /** Final answer to the INVITE (a challenge for credentials is not one). */
  status: number | undefined
}

interface WireMessage {
  at: number
  sent: boolean
  callId: string
  method: string
  /** Status code of a response; 0: a request. */
  status: number
}

interface Note {
  called: string
  caller: string
  attemptId: string | undefined
}

export function readCalls(messages: string, notes: string): WireCall[] {
  const noted = new Map(notes.split('\n').flatMap((line) => readNote(line)))
  const calls = new Map<string, { call: WireCall; outgoing: boolean }>()
  for (const message of messages.split('\n').flatMap((line) => readMessage(line))) {
    const known = calls.get(message.callId)
    if (known) follow(known.call, message, known.outgoing)
    else if (message.method === 'INVITE' && message.status === 0) {
      calls.set(message.callId, { call: newCall(message, noted.get(message.callId)), outgoing: message.sent })
    }
  }
  return [...calls.values()].map(({ call }) => call)
}

/** Accounts whose registration was accepted, in that order. */
export function readRegistrations(notes: string): string[] {
  return notes.split('\n').flatMap((line) => /^registered (\S+)/.exec(line)?.[1] ?? [])
}

function newCall(invite: WireMessage, note: Note | undefined): WireCall {
  return {
    callId: invite.callId,
    called: note?.called ?? '',
    caller: note?.caller ?? '',
    attemptId: note?.attemptId,
    invitedAt: invite.at,
    ringingAt: undefined,
    answeredAt: undefined,
    cancelledAt: undefined,
    endedAt: undefined,
    hungUpBy: undefined,
    status: undefined,
  }
}

function follow(call: WireCall, { at, sent, method, status }: WireMessage, outgoing: boolean): void {
  if (status === 0 && method === 'CANCEL') call.cancelledAt ??= at
  else if (status === 0 && method === 'BYE') {
    call.hungUpBy ??= sent === outgoing ? 'caller' : 'callee'
    call.endedAt ??= at
  } else if (method === 'INVITE' && status >= 180 && status !== 401 && status !== 407) {
    if (status < 200) call.ringingAt ??= at
    else {
      call.status ??= status
      if (status < 300) call.answeredAt ??= at
      else call.endedAt ??= at
    }
  }
}

/** `date time<tab>epoch seconds<tab>S|R<tab>call id<tab>CSeq:12 INVITE<tab>first line`. */
function readMessage(line: string): WireMessage[] {
  const found = /(\d{9,}\.\d+)\t([SR])\t(\S+)\tCSeq:\s*\d+ (\w+)\s*\t(.*)$/.exec(line)
  if (!found) return []
  const [, seconds = '', direction, callId = '', method = '', firstLine = ''] = found
  const status = /^SIP\/2\.0 (\d{3})/.exec(firstLine)?.[1]
  return [{ at: Number(seconds) * 1000, sent: direction === 'S', callId, method, status: Number(status ?? 0) }]
}

function readNote(line: string): [string, Note][] {
  const found = /^(\S+) called=(\S*) caller=(\S*) attempt=(\S*)/.exec(line)
  if (!found) return []
  const [, callId = '', called = '', caller = '', attempt = ''] = found
  return [[callId, { called, caller, attemptId: attempt || undefined }]]
}
