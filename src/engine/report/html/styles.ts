/** The report's only style sheet: the tokens of the app, light and dark, screen and paper. */

const light = `
--bg:#f4f5f7;--panel:#fff;--sunken:#eef0f3;--line:#e1e4e9;--line-strong:#c3c9d2;--text:#1a1e25;--text-2:#454d5a;--text-3:#646c7a;
--warn:#8a5a00;--warn-weak:#fdf3dc;--bad:#bb2a2a;--bad-weak:#fcebea;--ok:#1b7a43;--ok-weak:#e4f4ea;--intruder:#b0226a;
--run-0:#00666f;--run-1:#c44c08;--run-2:#6844bb;--run-3:#4f3d00;--run-4:#3d7f33;--run-5:#0b4c88;--on-run:#fff;
--s0:#ecf7fa;--s1:#c6e6f1;--s2:#9cd2e8;--s3:#72bade;--s4:#4d9cd0;--s5:#417ac1;--s6:#4457a7;--s7:#433580;--s8:#361b51;`;

const dark = `
--bg:#0d1014;--panel:#14181e;--sunken:#0f1318;--line:#252b34;--line-strong:#3b4450;--text:#e5e9ef;--text-2:#b3bbc7;--text-3:#8c96a4;
--warn:#e3b04b;--warn-weak:#2b2312;--bad:#ff8078;--bad-weak:#321a1b;--ok:#4dc58b;--ok-weak:#12291f;--intruder:#ff74b4;
--run-0:#6fdfe6;--run-1:#ff9a68;--run-2:#b892ff;--run-3:#f5cb62;--run-4:#82c56c;--run-5:#4f8ed2;--on-run:#0d1014;
--s0:#1d232e;--s1:#2b2e50;--s2:#3a3c75;--s3:#3e559a;--s4:#3578b8;--s5:#369ec7;--s6:#50bfcc;--s7:#7fdac5;--s8:#c1edb7;`;

export const styles = `
:root{color-scheme:light dark;${light}}
@media (prefers-color-scheme:dark){@media not print{:root{${dark}}}}
*{box-sizing:border-box}
body{margin:0 auto;padding:24px 16px 48px;max-width:1120px;background:var(--bg);color:var(--text);
font:13px/18px Inter,"Inter Variable",system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;font-variant-numeric:tabular-nums}
h1{font-size:20px;line-height:26px;font-weight:600;margin:0 0 2px}
h2{font-size:14px;line-height:20px;font-weight:600;margin:0 0 8px}
h3{font-size:12.5px;line-height:16px;font-weight:600;margin:0 0 6px;display:flex;gap:6px;align-items:center}
p{margin:0 0 8px;max-width:80ch}
section{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:12px 14px;margin:12px 0}
code,.name{font-family:"JetBrains Mono Variable","JetBrains Mono",ui-monospace,Consolas,monospace;font-size:12px;overflow-wrap:anywhere}
.note,.facts{color:var(--text-3);font-size:11.5px;line-height:16px}
ul.findings{list-style:none;margin:0;padding:0;display:grid;gap:10px 24px;grid-template-columns:repeat(auto-fit,minmax(320px,1fr))}
ul.findings li{border-left:2px solid var(--line-strong);padding-left:10px;max-width:80ch}
.finding b{font-weight:600}
ul.findings li.caution{border-color:var(--warn);background:var(--warn-weak);padding:4px 10px}
.chip{display:inline-block;border-radius:4px;padding:0 5px;font-size:11px;line-height:16px;white-space:nowrap}
.certified,.computed{background:var(--ok-weak);color:var(--ok)}.estimated{background:var(--warn-weak);color:var(--warn)}
.badge{display:inline-block;min-width:16px;padding:0 4px;border-radius:4px;text-align:center;font-size:9.5px;line-height:16px;font-weight:700;color:var(--on-run)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:12px;line-height:16px}
th{font-weight:500;color:var(--text-3);text-align:right;padding:4px 8px;border-bottom:1px solid var(--line-strong);vertical-align:bottom}
td{text-align:right;padding:5px 8px;border-bottom:1px solid var(--line);white-space:nowrap}
th.left,td.left{text-align:left;white-space:normal}
tbody tr:last-child td{border-bottom:0}
.charts{display:grid;gap:12px 20px;grid-template-columns:repeat(auto-fit,minmax(320px,1fr))}
figure{margin:0}
.pins article{padding:10px 0;border-top:1px solid var(--line)}.pins h2+article{border-top:0;padding-top:0}
.pins img{display:block;max-width:100%;height:auto;margin:4px 0 8px}.user-note{border-left:2px solid var(--run-0);padding-left:10px}
.tracks{display:flex;flex-wrap:wrap;gap:14px 6px;margin-top:10px}
.run{display:flex;gap:6px;align-items:center}.run .badge{flex:none}
svg{display:block;max-width:100%;height:auto}
svg text{font-size:11px;fill:var(--text-3);font-family:inherit}
svg .strong{fill:var(--text-2);font-weight:600}
.grid{stroke:var(--line);stroke-width:1}.axis{stroke:var(--line-strong);stroke-width:1}
.curve{fill:none;stroke-width:1;opacity:.75}.dot{stroke-width:5;stroke-linecap:round}.mark{stroke:var(--text);stroke-width:1;stroke-dasharray:3 2}
.limit{stroke:var(--text-3);stroke-width:1}.floor{fill:var(--sunken)}
.cell-missing{fill:var(--sunken)}.cell-failed{fill:var(--bad-weak)}
.ring{fill:none;stroke:var(--intruder);stroke-width:2}
svg .count{font-size:10px;font-weight:700;text-anchor:middle;fill:var(--intruder)}
svg .count-ground{fill:var(--panel)}
.error{color:var(--bad)}.warning{color:var(--warn)}.info{color:var(--text-3)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:3px 14px;margin:0}dt{color:var(--text-3)}dd{margin:0;overflow-wrap:anywhere}
pre{margin:8px 0 0;padding:8px 10px;background:var(--sunken);border-radius:5px;white-space:pre-wrap;overflow-wrap:anywhere;font-size:12px}
${[0, 1, 2, 3, 4, 5, 6, 7, 8].map((step) => `.f${step}{fill:var(--s${step})}.c${step}{stroke:var(--s${step})}`).join("")}
${[0, 1, 2, 3, 4, 5].map((index) => `.run-${index}{background:var(--run-${index})}.stroke-${index}{stroke:var(--run-${index})}.fill-${index}{fill:var(--run-${index})}`).join("")}
@media print{body{background:#fff;padding:0;max-width:none;print-color-adjust:exact;-webkit-print-color-adjust:exact}
section{border:0;border-top:1px solid var(--line);border-radius:0;padding:10px 0;margin:8px 0}
figure,tr,li{break-inside:avoid}h2,h3{break-after:avoid}.scroll{overflow:visible}}
`;
