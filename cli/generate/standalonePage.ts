/** The frame of reports that are one page: no script, no address, readable when printed. */
import { escapeXml } from '../../shared/office/xmlText.ts';

/** How pages of reports look. */
const PAGE_STYLE = `
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6676;--line:#d8dee6;--ground:#fff;--card:#f6f8fa;--good:#1a7f4b;--bad:#b3261e;--accent:#2458c5}
@media(prefers-color-scheme:dark){:root{--ink:#e8ecf2;--soft:#a2adbb;--line:#39424f;--ground:#12161c;--card:#1b212a;--good:#5cc88f;--bad:#ff8a80;--accent:#8ab4ff}}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:60rem;margin:0 auto;padding:2rem 1rem}h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}
p{margin:.25rem 0}.soft{color:var(--soft)}code{font:14px ui-monospace,monospace;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem;margin:1.5rem 0}
dl div{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.75rem 1rem}
dt{color:var(--soft);font-size:.875rem}dd{margin:0;font-size:1.5rem;font-variant-numeric:tabular-nums}
.bad{color:var(--bad)}.good{color:var(--good)}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line);vertical-align:top}
th{font-size:.875rem;color:var(--soft);font-weight:600}.number{text-align:right;font-variant-numeric:tabular-nums}
svg{width:100%;height:auto;display:block}svg text{fill:var(--soft);font:12px system-ui,sans-serif}
@media print{main{padding:0}}
`;

/**
 * A page under a heading.
 * @param content HTML, in which everything that came from outside is text already
 */
export const standalonePage = (heading: string, content: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeXml(heading)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<main>
<h1>${escapeXml(heading)}</h1>
${content}
</main>
</body>
</html>
`;

/** A number with its name, in a list of them. @param tone a class of the page's style */
export const card = (name: string, value: string, tone = '') =>
  `<div><dt>${name}</dt><dd${tone === '' ? '' : ` class="${tone}"`}>${escapeXml(value)}</dd></div>`;
