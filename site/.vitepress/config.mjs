// The site: pages that ../build.mjs collects into .pages, with a menu that it writes.
import { readFileSync } from 'node:fs'
import { defineConfig } from 'vitepress'

const read = (file) => JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'))
const menu = read('../.pages/menu.json')

// The editor's grammars: what is coloured there is coloured here.
const grammars = ['cel', 'rung'].map((name) => ({ ...read(`../../editors/vscode/syntaxes/${name}.tmLanguage.json`), name }))

export default defineConfig({
  title: 'Rung',
  description: 'Step-up authentication policies: which actions are critical, and how surely to know who asks.',
  lang: 'en',
  base: process.env.SITE_BASE ?? '/',
  srcDir: '.pages',
  outDir: 'dist',
  cacheDir: '.cache',
  metaChunk: true,
  head: [
    ['link', { rel: 'icon', type: 'image/svg+xml', href: `${process.env.SITE_BASE ?? '/'}logo.svg` }],
    ['meta', { name: 'theme-color', content: '#0f766e' }],
  ],
  markdown: {
    theme: { light: 'github-light', dark: 'github-dark-dimmed' },
    languages: grammars,
    codeTransformers: [{ name: 'output', line: output }],
    config: titles,
  },
  themeConfig: {
    logo: '/logo.svg',
    nav: [
      { text: 'Tutorial', link: '/docs/tutorial' },
      { text: 'Cookbook', link: '/docs/cookbook' },
      { text: 'Examples', link: '/examples/bank/', activeMatch: '^/examples/' },
      { text: 'Language', link: '/docs/language' },
    ],
    sidebar: menu,
    outline: { level: [2, 3] },
    // All words, and headings first; short words have no misspellings, or `glass` would find every class.
    search: { provider: 'local', options: { detailedView: true, miniSearch: { searchOptions: { combineWith: 'AND', fuzzy: 0.09, prefix: true, boost: { title: 8, titles: 2 } } } } },
    socialLinks: [{ icon: 'github', link: 'https://github.com/rungpolicy/rung' }],
    footer: { message: 'Apache License 2.0' },
  },
})

// titles shows the file's name that a fenced block has in brackets: ```hcl [policy/app.rung.hcl]
function titles(md) {
  const fence = md.renderer.rules.fence
  md.renderer.rules.fence = (tokens, i, ...rest) => {
    const name = tokens[i].info.match(/\[([^\]]+)\]/)?.[1]
    const html = fence(tokens, i, ...rest)
    return name ? `<div class="titled"><div class="titled-name">${md.utils.escapeHtml(name)}</div>${html}</div>` : html
  }
}

// output marks what a command prints, so that commands stand out.
function output(line) {
  if (this.options.lang !== 'console') return
  const text = (node) => node.value ?? node.children.map(text).join('')
  if (!text(line).startsWith('$ ')) this.addClassToHast(line, 'output')
}
