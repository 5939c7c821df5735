/** The part of autocannon that is used here; it comes without types. */
declare module 'autocannon' {
  export default function autocannon(options: {
    url: string
    connections: number
    duration: number
    requests: { method: string; path: string; headers: Record<string, string>; body: string }[]
  }): Promise<{ errors: number; non2xx: number; duration: number; requests: { total: number } }>
}
