/** The smallest typed event: listeners in the order they came, called at once. */
export interface Signal<T> {
  emit(value: T): void
  on(listener: (value: T) => void): void
}

export function createSignal<T>(): Signal<T> {
  const listeners: ((value: T) => void)[] = []
  return {
    emit(value) {
      for (const listener of listeners) listener(value)
    },
    on(listener) {
      listeners.push(listener)
    },
  }
}
