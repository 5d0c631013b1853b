// As much of a browser as signing in needs: it keeps cookies, says where a request comes from, and follows redirects
// when asked to, across several servers.
import { type Reply, replyOf, request } from './http-reply.js';

export class Browser {
  /** By origin, name to value. */
  private readonly jars = new Map<string, Map<string, string>>();
  /** The `Set-Cookie` headers of the latest reply. */
  setCookies: readonly string[] = [];

  constructor(
    private readonly url: string,
    /** Of the page that sends requests. */
    private readonly origin: string,
  ) {}

  /** `POST /v1/invitations`, to the api. */
  send(route: string, body?: unknown, headers: Readonly<Record<string, string | null>> = {}): Promise<Reply> {
    const [method = '', path = ''] = route.split(' ', 2);
    const all = { origin: this.origin, ...headers };
    const kept = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null);
    return this.fetch(`${this.url}${path}`, request(method, body, Object.fromEntries(kept)));
  }

  signIn(email: string, password: string, headers: Readonly<Record<string, string | null>> = {}): Promise<Reply> {
    return this.send('POST /v1/auth/sign-in/email', { email, password }, headers);
  }

  /**
   * Goes where it is sent until nobody sends it further; `onPage` may send a form instead. Stops before an address
   * that begins with `until`. Returns where it has ended.
   */
  async follow(url: string, onPage: (html: string) => Record<string, string> | null, until?: string): Promise<URL> {
    let place = new URL(url);
    let init: RequestInit = { redirect: 'manual' };
    for (let hops = 0; hops < 20; hops++) {
      if (until !== undefined && place.href.startsWith(until)) return place;
      const reply = await this.fetch(place.href, init);
      init = { redirect: 'manual' };
      const location = reply.headers.get('location');
      if (location !== null) {
        place = new URL(location, place);
        continue;
      }
      const form = onPage(reply.text);
      if (form === null) return place;
      place = new URL(/<form[^>]*action="([^"]+)"/.exec(reply.text)?.[1] ?? '', place);
      init = { method: 'POST', redirect: 'manual', body: new URLSearchParams(form) };
    }
    throw new Error('sent round in a circle');
  }

  cookies(origin: string): Map<string, string> {
    const jar = this.jars.get(origin) ?? new Map<string, string>();
    this.jars.set(origin, jar);
    return jar;
  }

  private async fetch(url: string, init: RequestInit): Promise<Reply> {
    const { origin } = new URL(url);
    const jar = this.cookies(origin);
    const headers = new Headers(init.headers);
    if (jar.size > 0) headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(url, { ...init, headers });
    this.setCookies = response.headers.getSetCookie();
    for (const cookie of this.setCookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '' || /max-age=0\b/i.test(cookie)) jar.delete(name);
      else jar.set(name, value);
    }
    return replyOf(response);
  }
}
