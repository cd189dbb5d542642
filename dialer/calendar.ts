/**
 * Jobs that follow the calendar, in the local time of the machine. Never pacing or anything that a call waits for. A job that
 * still runs when its time comes again is passed over; one that fails is said in the log and tried at its next time.
 */
import { type ScheduledTask, schedule } from 'node-cron'
import { messageOf } from './errors.ts'
import type { Log } from './log.ts'

export interface Calendar {
  /** `when`: minute, hour, day of the month, month, day of the week, as in crontab. */
  every(when: string, name: string, job: () => Promise<unknown>): void
  stop(): Promise<void>
}

export function createCalendar({ log }: { log: Log }): Calendar {
  const tasks: ScheduledTask[] = []
  return {
    every(when, name, job) {
      const run = () =>
        job().catch((error: unknown) => log.error({ job: name, err: messageOf(error) }, 'a job of the calendar failed'))
      tasks.push(schedule(when, run, { name, noOverlap: true }))
    },
    async stop() {
      await Promise.all(tasks.map((task) => task.stop()))
    },
  }
}
