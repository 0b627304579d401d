/** How mail is sent, over verified TLS. */
export interface MailManifest {
  /** "name:port". */
  server: string;
  from: string;
  to: string;
  /** Who logs in at the server, and the absolute path of the password; absent: no login. */
  user?: string;
  passwordFile?: string;
}
