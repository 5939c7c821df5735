/** What venues, symbols and accounts may be called. */
export const namePattern = '^[A-Za-z0-9_]{1,20}$'
