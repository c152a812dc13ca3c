/** The page's style sheet: system fonts, light and dark, narrow screens, print. */

const LIGHT = `
--bg:#f6f7f9;--card:#fff;--ink:#1a1f26;--muted:#57616d;--line:#dfe3e8;--soft:#eef1f4;--link:#0b5cad;
--ok:#2b8a70;--failed:#c0392f;--hatch:#e8a49e;--retried:#d59a2b;--invalid:#7d57b5;--cancelled:#7a838d;
--flight:#2f6fc2;--flight-soft:#2f6fc226;--paused:#d59a2b2e;--down:#c0392f24;--waiting:#c3cad2;
--good-bg:#e9f5f0;--good-line:#bfe0d4;--good-ink:#14604b;--bad-bg:#fcefed;--bad-line:#f0cbc6;--bad-ink:#98241b;`;

const DARK = `
--bg:#0f1318;--card:#171c22;--ink:#e4e8ed;--muted:#9aa5b1;--line:#2a323b;--soft:#1f262e;--link:#79b4f5;
--ok:#45ab8d;--failed:#e8766b;--hatch:#7d2f29;--retried:#d8a848;--invalid:#a98ae0;--cancelled:#8a949f;
--flight:#6ba3ec;--flight-soft:#6ba3ec2e;--paused:#d8a84830;--down:#e8766b2e;--waiting:#47525e;
--good-bg:#12261f;--good-line:#234a3d;--good-ink:#7fd3b8;--bad-bg:#2b1614;--bad-line:#5a2a25;--bad-ink:#ff9d92;`;

const BASE = `
:root{color-scheme:light dark;${LIGHT}}
@media (prefers-color-scheme:dark){:root{${DARK}}}
*{box-sizing:border-box}
html{scroll-padding-top:3.5rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
code,pre{font:.9em/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
a{color:var(--link)}h1,h2,p,ul,ol,dl,dd,figure,blockquote{margin:0;padding:0}ul,ol{list-style:none}
.wrap{max-width:1120px;margin:0 auto;padding:0 24px}
:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:3px}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
[hidden]{display:none!important}`;

const HEAD = `
.verdict{padding:22px 0 20px;border-bottom:1px solid}
.verdict.good{background:var(--good-bg);border-color:var(--good-line)}.verdict.bad{background:var(--bad-bg);border-color:var(--bad-line)}
.brand{font-weight:600;font-size:13px;margin-bottom:10px}.brand span{color:var(--muted);font-weight:400}
h1{display:flex;gap:12px;align-items:center;font-size:26px;line-height:1.25;font-weight:650;letter-spacing:-.01em}
.mark{flex:none;display:grid;place-items:center;width:36px;height:36px;border-radius:50%;font-size:19px;color:var(--card)}
.good .mark{background:var(--good-ink)}.bad .mark{background:var(--bad-ink)}
.shares{display:flex;gap:2px;height:8px;margin:16px 0 18px;border-radius:4px;overflow:hidden}.shares i{flex:1 1 0;min-width:4px}
.facts{display:flex;flex-wrap:wrap;gap:10px 32px}.facts dt{font-size:12px;color:var(--muted)}.facts dd{overflow-wrap:anywhere}.facts div{min-width:0}
.command{margin-top:14px;padding-top:12px;border-top:1px solid}.good .command{border-color:var(--good-line)}.bad .command{border-color:var(--bad-line)}
.command span{font-size:12px;color:var(--muted);margin-right:8px}
nav{position:sticky;top:0;z-index:3;background:var(--card);border-bottom:1px solid var(--line)}
nav .wrap{display:flex;gap:22px;overflow-x:auto;scrollbar-width:none}
nav a{flex:none;padding:10px 0;color:var(--muted);text-decoration:none;font-size:14px}nav a:hover{color:var(--ink)}
.tiles{margin:24px 0}.tile-row{display:grid;grid-template-columns:repeat(6,1fr);gap:12px;margin-bottom:12px}.tile-row.outcomes{grid-template-columns:repeat(5,1fr)}
.tile{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:11px 14px 12px;min-width:0}
.tile dt{font-size:13px;color:var(--muted)}.tile dd{font-size:24px;line-height:1.3;font-weight:620;letter-spacing:-.01em}
.tile dd.more{font-size:12px;font-weight:400;letter-spacing:0;color:var(--muted);line-height:1.4;margin-top:2px}
.outcomes .tile dt{display:flex;align-items:center;gap:7px}.outcomes .tile dt::before{content:"";width:9px;height:9px;border-radius:2px;background:var(--line)}.tile.zero dd:not(.more){color:var(--muted);font-weight:400}
.tile.ok:not(.zero) dt::before{background:var(--ok)}.tile.failed:not(.zero) dt::before{background:var(--failed)}.tile.invalid:not(.zero) dt::before{background:var(--invalid)}.tile.cancelled:not(.zero) dt::before{background:var(--cancelled)}.tile.resumed:not(.zero) dt::before{background:var(--flight)}
.tile.failed:not(.zero) dd:not(.more){color:var(--failed)}
.thresholds{display:flex;flex-wrap:wrap;gap:6px 20px;margin-top:16px;font-size:14px}.thresholds span{color:var(--muted)}
.met b{color:var(--ok)}.unmet b{color:var(--failed)}
.next{margin-top:16px;font-size:14px}.next h2{font-size:13px;color:var(--muted);font-weight:500;margin-bottom:4px}.next li{margin-top:6px}.next li span{margin-left:4px}.next code{background:var(--soft);padding:2px 6px;border-radius:4px}.next span{color:var(--muted)}`;

const SECTIONS = `
.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:18px 20px 20px;margin:0 0 20px}
h2{font-size:17px;font-weight:620;margin-bottom:14px}.amount{color:var(--muted);font-weight:400}
.note{color:var(--muted);font-size:13px;margin-top:10px}.note:empty{display:none}.empty,.lead{color:var(--muted)}.lead{margin-bottom:12px}
.kinds li+li{margin-top:14px;padding-top:14px;border-top:1px solid var(--line)}
.kind{display:grid;grid-template-columns:190px 1fr 70px 48px;gap:14px;align-items:center;color:inherit;text-decoration:none;border-radius:4px}
.kind code{font-weight:600}.kind:hover code{color:var(--link);text-decoration:underline}
.kind b{text-align:right;font-weight:620}.share{text-align:right;color:var(--muted);font-size:13px}
.track{height:8px;background:var(--soft);border-radius:3px;overflow:hidden}.track i{display:block;height:100%;min-width:3px;border-radius:3px;background:var(--failed)}
.about{margin:4px 132px 0 204px;font-size:14px;color:var(--muted);overflow-wrap:anywhere}
.about blockquote{margin:4px 0;padding-left:10px;border-left:3px solid var(--line);font:13px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.hint{color:var(--ink)}.ids{font-size:13px;margin-top:2px}
table{border-collapse:collapse;width:100%;font-size:14px}th{text-align:left;font-weight:400}thead th{font-size:12px;color:var(--muted);font-weight:500;white-space:nowrap}
th,td{padding:7px 12px 7px 0;border-bottom:1px solid var(--line);vertical-align:top}.num{text-align:right;white-space:nowrap}
.scroll{overflow:auto}.scroll.tall{max-height:420px}.scroll thead th,.rows thead th{position:sticky;top:0;background:var(--card);z-index:1;box-shadow:0 1px var(--line);border-bottom-color:transparent}
.plain th,.plain td{overflow-wrap:anywhere}.split{width:26%;min-width:90px;vertical-align:middle}.bar{display:flex;height:10px;background:none}.bar i{display:block;height:100%}
.whole{white-space:nowrap}.place{min-width:9em}.retries{max-width:720px}.retries .split{width:50%}.when{color:var(--muted);white-space:nowrap}
footer{color:var(--muted);font-size:13px;padding-bottom:40px}`;

const FAILURES = `
.tools{display:grid;grid-template-columns:1fr auto;gap:10px 14px;align-items:end;margin-bottom:12px}
.search span{display:block;font-size:12px;color:var(--muted)}.search input{width:100%;font:inherit;color:inherit;background:var(--bg);border:1px solid var(--line);border-radius:6px;padding:7px 10px}
.search input::placeholder{color:var(--muted);opacity:1}
button{font:inherit;font-size:14px;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:6px;padding:7px 12px;cursor:pointer}button:hover{background:var(--soft)}
.actions{display:flex;gap:8px;flex-wrap:wrap}.chips{grid-column:1/-1;display:flex;flex-wrap:wrap;gap:6px}
.chips button{padding:2px 10px;border-radius:99px;font-size:13px}.chips button[aria-pressed=true]{background:var(--link);border-color:var(--link);color:var(--card)}.chips small{opacity:.75;font-size:inherit}
.found{grid-column:1/-1;font-size:13px;color:var(--muted);min-height:1.5em}
.rows table{table-layout:fixed}.rows thead .id{width:19%}.rows thead .cause{width:15%}.rows thead .attempts{width:76px}.rows thead .time{width:88px}.rows thead .source{width:16%}
.rows td,.rows th{overflow-wrap:anywhere}.rows .message{padding-left:12px}
.rows details summary{cursor:pointer;color:var(--muted);font-size:13px}.rows pre,.detail pre{white-space:pre-wrap;margin:4px 0;padding:8px 10px;background:var(--soft);border-radius:6px}
.rows.live{max-height:min(70vh,640px);overflow:auto;border-top:1px solid var(--line)}
.live tbody tr.row{height:37px;cursor:pointer}.live tbody tr.row:hover{background:var(--soft)}
.live .row>*{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}.live .space td{padding:0;border:0}
.live .row button{display:block;width:100%;padding:0 0 0 16px;border:0;background:none;text-align:left;font:inherit;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;position:relative}
.live .row button::before{content:"";position:absolute;left:2px;top:8px;border:4px solid transparent;border-left-color:var(--muted)}.live .row button[aria-expanded=true]::before{transform:rotate(90deg);left:0;top:9px}
.live thead button{border:0;background:none;padding:0;font:inherit;color:inherit}.live thead button:hover{color:var(--ink);background:none}
.live thead [aria-sort] button::after{content:" ▾"}.live thead [aria-sort=ascending] button::after{content:" ▴"}
.detail>td{padding:4px 12px 14px 16px;background:var(--soft)}.detail pre{background:var(--card);border:1px solid var(--line);max-height:200px;overflow:auto}.detail dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:2px 14px}.detail dt{color:var(--muted)}.detail dd{overflow-wrap:anywhere}`;

const CHARTS = `
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:13px;color:var(--muted);margin-bottom:8px}.legend li{display:flex;align-items:center;gap:7px}
.key{display:inline-block;width:14px;height:10px;border-radius:2px}.key.flight{height:10px;background:var(--flight-soft);border-top:2px solid var(--flight);border-radius:0}.key.limit{height:0;border-top:2px dashed var(--ink);border-radius:0}
i.ok{background:var(--ok)}i.retried{background:var(--retried)}i.invalid{background:var(--invalid)}i.cancelled{background:var(--cancelled)}i.flight-bar{background:var(--flight)}i.waiting{background:var(--waiting)}
i.failed{background:repeating-linear-gradient(135deg,var(--failed) 0 3px,var(--hatch) 3px 5px)}i.paused{background:repeating-linear-gradient(90deg,var(--paused) 0 3px,transparent 3px 5px);outline:1px solid var(--retried);outline-offset:-1px}i.down{background:var(--down);outline:1px solid var(--failed);outline-offset:-1px}
.chart{position:relative}.plot{display:grid;grid-template-columns:58px minmax(0,1fr);margin-top:2px}
.unit{grid-column:1/-1;font-size:12px;color:var(--muted);margin:6px 0 10px}.y{position:relative}.y span{position:absolute;right:8px;transform:translateY(-50%);font-size:12px;color:var(--muted);white-space:nowrap}
.area{position:relative}.area svg{display:block;width:100%;height:100%;overflow:visible}.area path{vector-effect:non-scaling-stroke}
.x{grid-column:2;position:relative;height:24px;border-top:1px solid var(--muted)}.x span{position:absolute;top:5px;transform:translateX(-50%);font-size:12px;color:var(--muted);white-space:nowrap}
.plot>.x:empty{display:none}
.rule{stroke:var(--line);stroke-width:1;fill:none}.marker{stroke:var(--ink);stroke-width:1;stroke-dasharray:4 3;fill:none}
.flag{position:absolute;margin:-2px 5px;padding:0 5px;font-size:12px;line-height:16px;background:var(--card);border:1px solid var(--line);border-radius:3px;white-space:nowrap}
path.flight{fill:none;stroke:var(--flight);stroke-width:1.75}path.flight-area{fill:var(--flight-soft)}path.limit{fill:none;stroke:var(--ink);stroke-width:1.25;stroke-dasharray:5 4;opacity:.75}
path.ok{fill:var(--ok)}path.retried{fill:var(--retried)}path.failed{fill:url(#hatch)}path.paused{fill:var(--paused)}path.down{fill:var(--down)}.hatch-ground{fill:var(--hatch)}.hatch-line{fill:var(--failed)}
path.curve-ok,path.curve-failed{fill:none;stroke:var(--ok);stroke-width:2}path.curve-failed{stroke:var(--failed);stroke-dasharray:6 4}
.numbers{margin-top:10px;font-size:13px}.numbers summary{cursor:pointer;color:var(--muted)}.numbers .scroll{max-height:300px;margin-top:6px}.numbers table{font-size:13px}.numbers td,.numbers th{text-align:right;padding:3px 14px 3px 0}.numbers th:first-child{text-align:left}
.views>input{position:absolute;opacity:0}.views>label{display:inline-block;padding:3px 12px;font-size:13px;border:1px solid var(--line);cursor:pointer;margin-bottom:12px}
.views>label[for=view-histogram]{border-radius:6px 0 0 6px;border-right:0}.views>label[for=view-percentiles]{border-radius:0 6px 6px 0}
.views>input:checked+label{background:var(--soft);font-weight:600}.views>input:focus-visible+label{outline:2px solid var(--link)}
.view{display:none}#view-histogram:checked~.view-histogram,#view-percentiles:checked~.view-percentiles{display:block}
.tip{position:absolute;z-index:2;top:8px;pointer-events:none;background:var(--card);border:1px solid var(--line);border-radius:6px;padding:6px 10px;font-size:12px;box-shadow:0 2px 8px #0002}.tip dl{display:grid;grid-template-columns:auto auto;gap:0 12px}.tip dt{color:var(--muted)}.tip dd{text-align:right}
.cross{position:absolute;top:0;bottom:0;width:1px;background:var(--muted);pointer-events:none}`;

const NARROW = `
@media (max-width:900px){.tile-row,.tile-row.outcomes{grid-template-columns:repeat(3,1fr)}.rows .source,.when{display:none}.rows thead .id{width:30%}.about{margin-right:0}}
@media (max-width:620px){.wrap{padding:0 14px}.card{padding:14px 14px 16px}h1{font-size:20px}.facts{gap:8px 20px}.minor{display:none}
.tile-row,.tile-row.outcomes{grid-template-columns:repeat(2,1fr);gap:8px;margin-bottom:8px}.tile{padding:9px 12px}.tile dd{font-size:20px}.outcomes .tile:last-child{grid-column:1/-1}
.kind{grid-template-columns:1fr auto 44px;gap:4px 10px}.kind .track{grid-column:1/-1;grid-row:2}.about{margin:6px 0 0}
.tools{grid-template-columns:minmax(0,1fr)}.rows .attempts,.rows .time{display:none}.rows thead .id{width:58%}.rows thead .cause{width:auto}.rows.live .message{display:none}.rows:not(.live) thead .id{width:30%}.rows:not(.live) thead .cause{width:27%}
.plot{grid-template-columns:50px minmax(0,1fr)}.plain{font-size:13px}.slowest tbody th{white-space:nowrap;max-width:38vw;overflow:hidden;text-overflow:ellipsis}.slowest td:nth-child(5),.slowest th:nth-child(5),.slowest .split{display:none}}`;

const PRINT = `
@media print{:root{${LIGHT}--bg:#fff}body{font-size:13px}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}nav,.tools,.numbers,.views>label,.tip,.cross{display:none!important}
.wrap{max-width:none;padding:0}.verdict{padding:12px}.card{break-inside:auto;padding:12px 0;border-width:1px 0 0;border-radius:0;margin:0}.chart,.tile,.kinds li,tr{break-inside:avoid}h2{break-after:avoid}
.scroll.tall,.rows.live{max-height:none;overflow:visible}.scroll.tall tr:nth-child(n+41){display:none}.scroll thead th,.rows thead th{position:static}
.live .row>*,.live .row button{white-space:normal}.live .row button{padding:0}.live .row button::before{display:none}.rows.live .row{height:auto!important}.tile-row{grid-template-columns:repeat(6,1fr)!important}.tile-row.outcomes{grid-template-columns:repeat(5,1fr)!important}.tile dd{font-size:16px}
.view{display:block!important;break-inside:avoid}}`;

export const STYLES = BASE + HEAD + SECTIONS + FAILURES + CHARTS + NARROW + PRINT;
