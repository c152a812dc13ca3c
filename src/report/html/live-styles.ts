/** What the page of a run under way has beyond the style sheet of the report. */

const HEAD = `
.verdict.going{background:var(--card);border-color:var(--line)}.going .mark{background:var(--muted)}
.top{display:flex;justify-content:space-between;align-items:flex-start;gap:12px;flex-wrap:wrap}
.top .brand{margin-bottom:12px}.shares{background:var(--soft)}.shares:empty{display:none}.shares i.rest{background:none}.shares i{transition:none}
.progress{font-size:15px;margin:-8px 0 14px}.progress:empty{display:none}.progress b{font-weight:620}
.danger{border-color:var(--bad-line);color:var(--bad-ink)}button:disabled{opacity:.55;cursor:default}button:disabled:hover{background:var(--card)}`;

const NOTICES = `
.notices{margin-top:20px}.notices:empty{display:none}
.notice{display:flex;flex-wrap:wrap;gap:4px 14px;align-items:baseline;padding:11px 16px;margin-bottom:10px;border:1px solid var(--line);border-left-width:5px;border-radius:8px;background:var(--card);overflow-wrap:anywhere}
.notice b{font-weight:620}.notice span{flex:1 1 16rem;min-width:0;color:var(--muted)}.notice button{margin-left:auto;padding:3px 12px}
.notice.wait{border-color:var(--retried)}.notice.bad{border-color:var(--failed)}.notice.plain{border-color:var(--muted)}
#way-in{margin-top:24px}.paste{display:grid;grid-template-columns:1fr auto;gap:4px 10px;margin-top:14px}.paste label{grid-column:1/-1;font-size:12px;color:var(--muted)}
.paste input{min-width:0;font:inherit;color:inherit;background:var(--bg);border:1px solid var(--line);border-radius:6px;padding:7px 10px}`;

const SECTIONS = `
.commands li{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:2px 12px;align-items:start}.commands li+li{margin-top:12px}
.commands code{background:var(--soft);padding:6px 10px;border-radius:6px}.commands p{grid-column:1/-1;color:var(--muted);font-size:13px}
.kinds .kind{cursor:default}.kinds .kind:hover code{color:inherit;text-decoration:none}.track i.invalid{background:var(--invalid)}
.last{table-layout:fixed}.last .id{width:24%}.last .cause{width:16%}.last .attempts{width:76px}.last .when{width:92px;text-align:right}.last .message{padding-left:12px}.last td,.last tbody th{overflow-wrap:anywhere}
.figures+.figures{margin-top:14px}path.p99{fill:none;stroke:var(--retried);stroke-width:1.75;stroke-dasharray:6 3}path.p50{fill:none;stroke:var(--ok);stroke-width:1.75}
.key.p50,.key.p99{height:0;border-top:2px solid var(--ok);border-radius:0}.key.p99{border-top:2px dashed var(--retried)}
dialog{max-width:min(30rem,calc(100vw - 28px));color:inherit;background:var(--card);border:1px solid var(--line);border-radius:10px;padding:20px 22px}dialog::backdrop{background:#0008}dialog .actions{margin-top:18px}`;

const NARROW = `
@media (max-width:900px){.last .when{display:none}.last .id{width:30%}}
@media (max-width:620px){.last .attempts,.last .when{display:none}.last .id{width:34%}.last .cause{width:26%}.notice button{margin-left:0}.commands li{grid-template-columns:minmax(0,1fr)}.commands button{justify-self:start}}`;

export const LIVE_STYLES = HEAD + NOTICES + SECTIONS + NARROW;
