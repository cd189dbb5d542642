/**
 * Settings -> Asterisk's configuration files. Pure: the templates' texts are handed in, texts come back.
 * A placeholder without a value and a value that could open a line of its own are errors, not output.
 */
import { ariApplication, ariUser, instanceFolders, type RenderSettings } from './settings.ts'

/** File name -> text. */
export type ConfigFiles = Record<string, string>

/** Files whose defaults are right; Asterisk reports an error for each that is absent. */
const defaultsAreRight = ['acl', 'ccss', 'features', 'pjproject', 'stasis', 'udptl', 'websocket_client']
const emptyFiles: ConfigFiles = Object.fromEntries(defaultsAreRight.map((name) => [`${name}.conf`, '; Defaults.\n']))

export function renderConfig(templates: ConfigFiles, settings: RenderSettings): ConfigFiles {
  const values: Record<string, string | number> = {
    ...instanceFolders(settings.directory),
    modulesDirectoryLine: settings.modulesDirectory ? `astmoddir => ${settings.modulesDirectory}` : '',
    ariUser,
    ariApplication,
    ariSecret: settings.ariSecret,
    ariPort: settings.ariPort,
    sipHost: settings.sipHost,
    sipPort: settings.sipPort,
    rtpFirstPort: settings.rtpFirstPort,
    rtpLastPort: settings.rtpLastPort,
  }
  const fill = (file: string, template: string) =>
    template.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
      const value = values[name]
      if (value === undefined) throw new Error(`${file}: there is no setting ${name}`)
      // A line break would start a new option, a semicolon would cut the value off as a comment.
      if (/[\r\n;]/.test(String(value))) throw new Error(`${file}: the setting ${name} must not contain ';' or a line break`)
      return String(value)
    })
  return {
    ...emptyFiles,
    ...Object.fromEntries(Object.entries(templates).map(([file, template]) => [file, fill(file, template)])),
  }
}
