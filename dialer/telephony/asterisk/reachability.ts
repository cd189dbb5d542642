/**
 * Which agents' phones can be reached, from the state of each contact they registered. Says only changes.
 * A phone that comes back from another address registers the new contact before the old one is removed:
 * the account stays reachable then. Fed by asterisk.ts, emptied when the connection is lost.
 */

/** Registered is enough (a qualify may take a while to be answered); only a failed qualify or a removal ends it. */
const reachableStatus: Record<string, boolean> = { NonQualified: true, Reachable: true, Unreachable: false, Removed: false }

export interface Reachability {
  /** The account's new state if this contact's status changes it. */
  contactChanged(account: string, uri: string, status: string): boolean | undefined
  /** The switch says the account is reachable, by a contact we have not heard of; true if that is new. */
  found(account: string): boolean
  forget(account: string): void
  clear(): void
}

export function createReachability(): Reachability {
  const accounts = new Map<string, { contacts: Set<string>; reachable: boolean | undefined }>()
  const entryOf = (account: string) => {
    const entry = accounts.get(account) ?? { contacts: new Set(), reachable: undefined }
    accounts.set(account, entry)
    return entry
  }
  return {
    contactChanged(account, uri, status) {
      const contactReachable = reachableStatus[status]
      if (contactReachable === undefined) return undefined
      const entry = entryOf(account)
      if (contactReachable) entry.contacts.add(uri)
      else entry.contacts.delete(uri)
      const reachable = entry.contacts.size > 0
      if (reachable === entry.reachable) return undefined
      entry.reachable = reachable
      return reachable
    },
    found(account) {
      const entry = entryOf(account)
      if (entry.reachable) return false
      entry.reachable = true
      return true
    },
    forget: (account) => void accounts.delete(account),
    clear: () => accounts.clear(),
  }
}
