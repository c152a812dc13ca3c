/** Which host names mean this machine. Only what is written plainly: no other spelling of a number, no trailing dot. */

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const LOOPBACK = new RegExp(`^(?:localhost|127(?:\\.${OCTET}){3}|::1|\\[::1\\])$`, 'i');

const EVERY_INTERFACE: ReadonlySet<string> = new Set(['', '*', '0.0.0.0', '::', '::ffff:0.0.0.0']);

/** True for what stands for all addresses of a machine, IPv6 with or without brackets. */
export function isEveryInterface(host: string): boolean {
  return EVERY_INTERFACE.has(host.replace(/^\[(.*)\]$/, '$1'));
}

/** True for `localhost`, 127.0.0.0/8 and ::1, the latter with or without brackets. */
export function isLoopbackName(host: string): boolean {
  return LOOPBACK.test(host);
}
