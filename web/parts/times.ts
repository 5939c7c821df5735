const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})

/** The time of day here, of a UTC text. */
export function timeOfDay(time: string): string {
  return clock.format(new Date(time))
}
