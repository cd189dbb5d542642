import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { majorVersion } from './asterisk-binary.ts'
import { renderConfig } from './render.ts'
import type { RenderSettings } from './settings.ts'

const directory = join(import.meta.dirname, 'templates')
const templates = Object.fromEntries(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]))

const settings: RenderSettings = {
  directory: '/srv/one',
  soundsDirectory: '/srv/sounds',
  rootDirectory: '/srv/root',
  modulesDirectory: '/srv/root/modules',
  ariPort: 18088,
  ariSecret: 'not-a-real-secret',
  sipHost: '127.0.0.1',
  sipPort: 15060,
  rtpFirstPort: 20_000,
  rtpLastPort: 24_999,
}

t.test('every setting reaches its file, and no placeholder is left', async (t) => {
  const files = renderConfig(templates, settings)
  t.match(files['http.conf'], /bindaddr = 127\.0\.0\.1\nbindport = 18088/)
  t.match(files['ari.conf'], /\[outpace\]\n[^[]*password = not-a-real-secret/)
  t.match(files['pjsip.conf'], 'bind = 127.0.0.1:15060')
  t.match(files['rtp.conf'], /rtpstart = 20000\nrtpend = 24999/)
  t.match(files['asterisk.conf'], 'astmoddir => /srv/root/modules')
  t.same(
    Object.entries(files).filter(([, text]) => text.includes('{{')),
    [],
  )
})

t.test('two instances share no folder', async (t) => {
  const folders = (directory: string) => {
    const text = renderConfig(templates, { ...settings, directory, modulesDirectory: undefined })['asterisk.conf'] ?? ''
    return [...text.matchAll(/^ast\w+ => (.+)$/gm)].map(([, path]) => path)
  }
  const [one, two] = [folders('/srv/one'), folders('/srv/two')]
  t.ok(one.length > 5)
  t.same(
    one.filter((path) => two.includes(path)),
    [],
  )
})

t.test('no anonymous endpoint and no way out', async (t) => {
  const files = renderConfig(templates, settings)
  const active = (name: string) => (files[name] ?? '').replaceAll(/^;.*$/gm, '')
  t.notMatch(active('pjsip.conf'), /type\s*=\s*endpoint|anonymous/)
  t.notMatch(active('modules.conf'), /anonymous|app_dial|app_system|pbx_spool|app_originate|func_shell|chan_iax2/)
  t.match(active('modules.conf'), /autoload = no/)
  t.notMatch(active('extensions.conf'), /\b(Dial|Originate|System|Goto|Transfer|include|switch)\b/i)
  t.match(active('manager.conf'), /enabled = no/)
})

t.test('a value cannot add lines of its own, and an unknown placeholder is an error', async (t) => {
  t.throws(() => renderConfig(templates, { ...settings, ariSecret: 'x\nread_only = no' }), /ariSecret/)
  t.throws(() => renderConfig(templates, { ...settings, sipHost: '127.0.0.1;' }), /sipHost/)
  t.throws(() => renderConfig({ 'a.conf': '{{nothing}}' }, settings), /no setting nothing/)
})

t.test('versions as Asterisk prints them', async (t) => {
  t.equal(majorVersion('Asterisk 22.10.1+dfsg+~cs6.17\n'), 22)
  t.equal(majorVersion('Asterisk certified/20.7-cert3\n'), 20)
  t.equal(majorVersion('command not found'), undefined)
})
