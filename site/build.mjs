// Collects the documentation's pages, builds the site out of them and checks its links: node build.mjs
//
// The pages are those of the repository, which read as well where they lie. Links between them become links of the site, links to other files go to the
// repository's page.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(here)
const pages = join(here, '.pages')
const dist = join(here, 'dist')
const repository = 'https://github.com/rungpolicy/rung'

// The menu: what is listed, in its order; and what else there is in the folder of `rest`, so that a page that nobody listed is not lost.
const groups = [
  { text: 'Begin', files: ['docs/tutorial.md', 'docs/cookbook.md', 'docs/testing.md', 'docs/editors.md', 'docs/compare.md'] },
  { text: 'Examples', files: ['bank', 'psd2', 'saas', 'deploy', 'hospital'].map((name) => `examples/${name}/README.md`) },
  { text: 'Run it', files: ['docs/operating.md', 'docs/modules.md', 'bench/README.md'] },
  { text: 'Reference', files: ['docs/language.md', 'docs/functions.md', 'docs/diagnostics.md', 'docs/abi.md', 'conformance/README.md'], rest: 'docs' },
]

// list is every Markdown file below a folder.
function list(folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .filter((name) => name.endsWith('.md'))
    .sort()
}

// address is where a file's page is on the site.
const address = (file) => file.replace(/README\.md$/, 'index.md')

function collect() {
  rmSync(pages, { recursive: true, force: true })
  const files = [...new Set([...groups.flatMap((g) => g.files), ...list('docs'), 'examples/bank/requests/README.md'])]
  for (const file of files) {
    put(address(file), rewrite(file, readFileSync(join(root, file), 'utf8'), new Set(files)))
  }
  put('index.md', rewrite('site/index.md', readFileSync(join(here, 'index.md'), 'utf8'), new Set()))
  cpSync(join(here, 'public'), join(pages, 'public'), { recursive: true })
  put('menu.json', JSON.stringify(menu(files), null, 2))
}

function put(name, text) {
  mkdirSync(dirname(join(pages, name)), { recursive: true })
  writeFileSync(join(pages, name), text)
}

function menu(files) {
  const listed = new Set(groups.flatMap((g) => g.files))
  return groups.map((g) => {
    const rest = g.rest ? files.filter((f) => f.startsWith(g.rest + '/') && !listed.has(f)) : []
    const flat = rest.filter((f) => !f.startsWith('docs/diagnostics/'))
    return { text: g.text, items: [...g.files, ...flat].map((f) => ({ text: short(f), link: link(f), ...children(f, rest) })) }
  })
}

// children of a page are those in a folder of its name: docs/diagnostics.md, docs/diagnostics/unused.md.
function children(file, rest) {
  const below = rest.filter((f) => f.startsWith(file.replace(/\.md$/, '/')))
  return below.length ? { collapsed: true, items: below.map((f) => ({ text: posix.basename(f, '.md'), link: link(f) })) } : {}
}

const link = (file) => '/' + file.replace(/README\.md$/, '').replace(/\.md$/, '')

// short is a page's heading, up to its first comma or colon.
function short(file) {
  const heading = readFileSync(join(root, file), 'utf8').match(/^# (.+)$/m)[1]
  return heading.replaceAll('`', '').split(/[,:]/)[0]
}

// rewrite turns a page's links and pictures, and the names of languages: GitHub knows policies as HCL, our own grammar knows the conditions in them too. Code is left as it is.
function rewrite(file, text, known) {
  const parts = text.split(/(^```[\s\S]*?^```$|`[^`\n]+`)/m)
  return parts.map((part, i) => (i % 2 ? part.replace(/^```hex\b/, '```txt').replace(/^```hcl\b/, '```rung') : part.replace(/\]\(([^)\s]+)\)/g, (_, target) => `](${turn(file, target, known)})`))).join('')
}

function turn(file, target, known) {
  if (/^[a-z]+:|^#/.test(target)) return target
  const [path, anchor] = target.split('#')
  const to = posix.normalize(posix.join(posix.dirname(file), path))
  const fragment = anchor ? '#' + anchor : ''
  if (known.has(to)) return posix.relative(posix.dirname(address(file)), address(to)) + fragment
  if (/\.(png|svg)$/.test(to) && existsSync(join(root, to))) return picture(to)
  if (!existsSync(join(root, to))) throw new Error(`${file}: ${target} is not there`)
  return `${repository}/${statSync(join(root, to)).isDirectory() ? 'tree' : 'blob'}/main/${to}${fragment}`
}

// picture takes a picture of the repository along.
function picture(file) {
  cpSync(join(root, file), join(pages, 'public', file), { recursive: true })
  return `/${file}`
}

// check holds every link of the built pages against the pages and the anchors in them.
function check() {
  const html = readdirSync(dist, { recursive: true }).filter((n) => n.endsWith('.html'))
  const ids = new Map(html.map((n) => [n, new Set([...readFileSync(join(dist, n), 'utf8').matchAll(/\sid="([^"]+)"/g)].map((m) => m[1]))]))
  let links = 0
  const broken = []
  for (const name of html) {
    for (const [, href] of readFileSync(join(dist, name), 'utf8').matchAll(/<a[^>]*\shref="([^"]*)"/g)) {
      if (/^[a-z]+:/.test(href)) continue
      links++
      const [path, anchor] = href.replace(process.env.SITE_BASE ?? '/', '/').split('#')
      const to = page(path === '' ? name : path.startsWith('/') ? path.slice(1) : posix.join(posix.dirname(name), path))
      const has = ids.get(to)
      if (!(has ? !anchor || has.has(decodeURIComponent(anchor)) : existsSync(join(dist, to)))) broken.push(`${name}: ${href}`)
    }
  }
  if (broken.length) throw new Error(`links that lead nowhere:\n${broken.join('\n')}`)
  console.log(`${html.length} pages, ${links} links, none broken: ${relative(process.cwd(), dist) || '.'}`)
}

const page = (path) => (path === '' || path.endsWith('/') ? path + 'index.html' : path)

collect()
const { build } = await import('vitepress')
await build(here)
check()
