import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

const here = fileURLToPath(new URL('.', import.meta.url))
const assets = fileURLToPath(new URL('../dist/web/assets/', import.meta.url))

/** Writes each text a second and a third time, as the server sends it to browsers that take it so. */
const compress: Plugin = {
  name: 'compress',
  closeBundle() {
    for (const name of readdirSync(assets).filter((file) => /\.(js|css|svg|md)$/.test(file))) {
      const file = join(assets, name)
      const text = readFileSync(file)
      writeFileSync(`${file}.gz`, gzipSync(text, { level: 9 }))
      writeFileSync(`${file}.br`, brotliCompressSync(text))
    }
  },
}

export default defineConfig({
  root: here,
  publicDir: false,
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: ['chrome123', 'firefox121', 'safari17.5'],
    // A picture in the text of the page would be one more thing that its policy has to allow.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: 'assets/licenses.md' },
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [compress],
})
