/**
 * Trunks and agents' accounts as PJSIP objects, in the order in which the switch must get them
 * (auth, aor, endpoint, identify: each refers to those before it). Pure; pushed by asterisk.ts.
 */
import { type AgentAccount, agentRealm, type TrunkConfig } from '../telephony.ts'

export interface PjsipObject {
  kind: 'auth' | 'aor' | 'endpoint' | 'identify'
  id: string
  attributes: Record<string, string>
}

/** Set apart from every agent's account, which begins with a letter or digit. */
const trunkPrefix = '_trunk-'
export const trunkEndpoint = (trunkId: string) => trunkPrefix + trunkId

/** A trunk's id or an agent's account from a channel's name, 'PJSIP/_trunk-main-0000001f'; undefined for other technologies. */
export function endpointOfChannel(name: string): string | undefined {
  const endpoint = /^PJSIP\/(.+)-[0-9a-f]+$/.exec(name)?.[1]
  return endpoint?.startsWith(trunkPrefix) ? endpoint.slice(trunkPrefix.length) : endpoint
}

export const agentCodecs = ['alaw', 'ulaw']

/** Both sides: media through us (tones, detection, recording), no transfers, and nothing told to one party about the other. */
const common = {
  direct_media: 'no',
  rtp_symmetric: 'yes',
  force_rport: 'yes',
  allow_transfer: 'no',
  allow_subscribe: 'no',
  send_connected_line: 'no',
  dtmf_mode: 'auto_info',
}

const allow = (codecs: string[]) => ['!all', ...codecs].join(',')

/**
 * The AOR's contact adds to what is there: an AOR that exists is deleted before.
 * Found by address and port only: a caller cannot pass for the carrier by writing its name into From.
 */
export function trunkObjects(trunk: TrunkConfig): PjsipObject[] {
  const id = trunkEndpoint(trunk.id)
  const hasAuth = trunk.username !== null
  const { presentation } = trunk
  const numberInFrom = presentation === 'from' || presentation === 'both'
  const auth: PjsipObject = {
    kind: 'auth',
    id,
    attributes: { auth_type: 'userpass', username: trunk.username ?? '', password: trunk.password ?? '' },
  }
  const aor: PjsipObject = { kind: 'aor', id, attributes: { contact: `sip:${trunk.host}:${trunk.port}` } }
  const endpoint: PjsipObject = {
    kind: 'endpoint',
    id,
    attributes: {
      ...common,
      context: 'inbound',
      // Said, because a second PUT reads its own default back as a caller ID, `<unknown>`, and shows every caller as that.
      callerid: '',
      identify_by: 'ip',
      aors: id,
      // Empty takes away what an earlier version of this trunk had.
      outbound_auth: hasAuth ? id : '',
      allow: allow(trunk.codecs),
      send_pai: presentation === 'both' || presentation === 'p_asserted_identity' ? 'yes' : 'no',
      send_rpid: presentation === 'remote_party_id' ? 'yes' : 'no',
      // Without a user of its own From carries the caller ID.
      from_user: numberInFrom ? '' : (trunk.fromUser ?? trunk.username ?? ''),
      from_domain: trunk.fromDomain ?? '',
    },
  }
  const identify: PjsipObject = { kind: 'identify', id, attributes: { endpoint: id, match: `${trunk.host}:${trunk.port}` } }
  return hasAuth ? [auth, aor, endpoint, identify] : [aor, endpoint, identify]
}

export interface AgentPhoneRules {
  /** Seconds between two checks that a phone answers. */
  qualifySeconds: number
  /** Seconds without audio after which a leg is hung up; 0: never. */
  rtpTimeoutSeconds: number
}

export function agentObjects({ account, digest }: AgentAccount, rules: AgentPhoneRules): PjsipObject[] {
  return [
    {
      kind: 'auth',
      id: account,
      // The older spelling of `password_digest`: understood by every version from 20 on.
      attributes: { auth_type: 'md5', username: account, realm: agentRealm, md5_cred: digest },
    },
    {
      kind: 'aor',
      id: account,
      attributes: {
        max_contacts: '1',
        remove_existing: 'yes',
        qualify_frequency: String(rules.qualifySeconds),
        qualify_timeout: '3.0',
      },
    },
    {
      kind: 'endpoint',
      id: account,
      attributes: {
        ...common,
        context: 'agents',
        identify_by: 'username',
        auth: account,
        aors: account,
        allow: allow(agentCodecs),
        rewrite_contact: 'yes',
        rtp_timeout: String(rules.rtpTimeoutSeconds),
        // A leg waiting alone in its bridge is sent nothing: keeps the way through NAT open and the phone content.
        rtp_keepalive: '15',
      },
    },
  ]
}
