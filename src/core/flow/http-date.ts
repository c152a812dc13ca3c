/** Dates as HTTP writes them (RFC 9110, 5.6.7): IMF-fixdate, and the two obsolete forms that a recipient must accept. */

/** Milliseconds since 1970. */
export type HttpDate = number;

const TIME = String.raw`(?<time>\d\d:\d\d:\d\d)`;
const MONTH = '(?<month>[A-Z][a-z]{2})';
const FORMS = [
  // Sun, 06 Nov 1994 08:49:37 GMT
  String.raw`(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\d\d) ${MONTH} (?<year>\d{4}) ${TIME} GMT`,
  // Sunday, 06-Nov-94 08:49:37 GMT
  String.raw`(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\d\d)-${MONTH}-(?<year>\d\d) ${TIME} GMT`,
  // Sun Nov  6 08:49:37 1994
  String.raw`(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${MONTH} (?<day>[ \d]\d) ${TIME} (?<year>\d{4})`,
].map((form) => new RegExp(String.raw`(?<![\w,:])${form}(?!\w)`, 'g'));

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const FIFTY_YEARS_MS = 50 * 365.2425 * 86_400_000;

/** The dates in a list that is divided by commas, and the list without them. `nowMs` tells the century of a year of two digits. */
export function httpDatesIn(list: string, nowMs: number): { readonly dates: HttpDate[]; readonly rest: string } {
  const dates: HttpDate[] = [];
  let rest = list;
  for (const form of FORMS) {
    for (const { groups = {} } of list.matchAll(form)) {
      const date = dateOf(groups, nowMs);
      if (date !== undefined) dates.push(date);
    }
    rest = rest.replace(form, '');
  }
  return { dates, rest };
}

function dateOf({ day = '', month = '', year = '', time = '' }: Groups, nowMs: number): HttpDate | undefined {
  const [hour = 0, minute = 0, second = 0] = time.split(':').map(Number);
  const midnight = midnightOf(year.length === 2 ? fullYear(Number(year), nowMs) : Number(year), month, Number(day));
  // Second 60 is a leap second.
  if (midnight === undefined || hour > 23 || minute > 59 || second > 60) return undefined;
  return midnight + ((hour * 60 + minute) * 60 + second) * 1000;
}

type Groups = Readonly<Record<string, string | undefined>>;

function midnightOf(year: number, monthName: string, day: number): HttpDate | undefined {
  const month = MONTHS.indexOf(monthName);
  const date = new Date(Date.UTC(year, month, day));
  const exists = month !== -1 && year >= 1970 && date.getUTCMonth() === month && date.getUTCDate() === day;
  return exists ? date.getTime() : undefined;
}

/** What seems to be more than fifty years ahead is the latest year in the past with these digits. */
function fullYear(twoDigits: number, nowMs: number): number {
  const century = Math.floor(new Date(nowMs).getUTCFullYear() / 100) * 100;
  const year = century + twoDigits;
  return Date.UTC(year, 0) - nowMs > FIFTY_YEARS_MS ? year - 100 : year;
}
