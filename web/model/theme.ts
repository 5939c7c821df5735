import { recall, remember } from './memory.ts'
import { Watched } from './watched.ts'

const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const query = matchMedia('(prefers-color-scheme: dark)')

/** Light or dark: as the system has it, or as the user wants it. */
export class ThemeChoice extends Watched {
  #theme: Theme

  constructor() {
    super()
    this.#theme = themes.find((theme) => theme === recall('theme')) ?? 'system'
    query.addEventListener('change', () => this.changed())
    this.#apply()
  }

  get theme(): Theme {
    return this.#theme
  }

  get isDark(): boolean {
    return this.#theme === 'dark' || (this.#theme === 'system' && query.matches)
  }

  /** The next of the three. */
  next(): void {
    this.#theme = themes[(themes.indexOf(this.#theme) + 1) % themes.length] as Theme
    remember('theme', this.#theme)
    this.#apply()
    this.changed()
  }

  #apply(): void {
    document.documentElement.style.colorScheme = this.#theme === 'system' ? 'light dark' : this.#theme
  }
}
