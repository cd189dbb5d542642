/**
 * From frames with and without speech to utterances and pauses, by the clock: when the first word began, how long was
 * spoken, which pauses there were, and how long it has been quiet now. Clicks shorter than 60 ms are no speech and
 * gaps shorter than 120 ms no pause. Pure; the verdict and its features read it.
 */

const shortestSpeechMs = 60
const shortestPauseMs = 120
const remembered = 16

export interface SpeechTimeline {
  /** When the first word began; undefined: nothing was said yet. */
  readonly firstWordMs: number | undefined
  /** The end of the last word so far (while somebody speaks: now). */
  readonly lastWordMs: number
  readonly isSpeaking: boolean
  /** Milliseconds of quiet since the last word; 0 while somebody speaks. */
  readonly pauseMs: number
  /** Milliseconds with speech, without the pauses. */
  readonly spokenMs: number
  readonly utterances: number
  /** Of the finished pauses between utterances. */
  readonly longestPauseMs: number
  readonly pausesMs: number
  /** Lengths of the first utterance and pause, of the last finished and the present utterance. */
  readonly firstUtteranceMs: number
  readonly firstPauseMs: number
  readonly utteranceMs: number
  readonly longestUtteranceMs: number
  /** One frame further. `heard` says whether it holds speech, `atMs` is its end. */
  advance(heard: boolean, atMs: number, frameMs: number): void
  /** Nothing was said after all. */
  forget(): void
}

const nothing = {
  firstWordMs: undefined as number | undefined,
  ...{ lastWordMs: 0, isSpeaking: false, pauseMs: 0, spokenMs: 0, utterances: 0, longestPauseMs: 0, pausesMs: 0 },
  ...{ firstUtteranceMs: 0, firstPauseMs: 0, utteranceMs: 0, longestUtteranceMs: 0 },
}

export function createSpeechTimeline(): SpeechTimeline {
  let candidateMs = 0
  let candidateSpeechMs = 0
  let quietMs = 0
  const state = { ...nothing }
  let utteranceStartMs = 0

  function begin(atMs: number): void {
    const pause = state.firstWordMs === undefined ? 0 : candidateMs - state.lastWordMs
    if (state.firstWordMs === undefined) state.firstWordMs = candidateMs
    if (pause >= shortestPauseMs || state.utterances === 0) {
      if (state.utterances === 1) state.firstPauseMs = pause
      state.longestPauseMs = Math.max(state.longestPauseMs, pause)
      state.pausesMs += pause
      state.utterances = Math.min(remembered, state.utterances + 1)
      utteranceStartMs = candidateMs
    }
    state.isSpeaking = true
    state.pauseMs = 0
    state.spokenMs += candidateSpeechMs
    state.lastWordMs = atMs
  }

  return Object.assign(state, {
    forget() {
      candidateSpeechMs = 0
      Object.assign(state, nothing)
    },
    advance(heard: boolean, atMs: number, frameMs: number) {
      if (heard) {
        quietMs = 0
        if (!state.isSpeaking) {
          if (candidateSpeechMs === 0) candidateMs = atMs - frameMs
          candidateSpeechMs += frameMs
          if (candidateSpeechMs >= shortestSpeechMs) begin(atMs)
        } else {
          state.spokenMs += frameMs
          state.lastWordMs = atMs
        }
      } else {
        quietMs += frameMs
        if (state.isSpeaking && quietMs >= shortestPauseMs) {
          state.isSpeaking = false
          candidateSpeechMs = 0
        } else if (!state.isSpeaking && quietMs >= shortestSpeechMs) candidateSpeechMs = 0
      }
      if (state.firstWordMs === undefined) return
      state.pauseMs = state.isSpeaking ? 0 : atMs - state.lastWordMs
      state.utteranceMs = state.lastWordMs - utteranceStartMs
      if (state.utterances === 1) state.firstUtteranceMs = state.utteranceMs
      state.longestUtteranceMs = Math.max(state.longestUtteranceMs, state.utteranceMs)
    },
  })
}
