/** The style of the page; it stands in it, so that the file needs no other. */
export const style = `
:root{color-scheme:light dark;--page:#eef0f3;--panel:#fff;--line:#dfe4ea;--grid:#eceff3;--text:#171c23;--quiet:#59636f;
--buy:#0b7a4b;--sell:#c22f3a;--accent:#1f56c3;--soft:#c9d7f3;--bar:#a9bbdc;--good:#e0f2e9;--bad:#fbe4e5;--even:#eef0f3}
@media (prefers-color-scheme:dark){:root{--page:#0a0d11;--panel:#12161c;--line:#222933;--grid:#1b212a;--text:#dfe4ea;
--quiet:#929dab;--buy:#34c487;--sell:#f0666b;--accent:#7ba6f7;--soft:#24365c;--bar:#3d5482;--good:#10301f;--bad:#381a1d;
--even:#1a2029}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1080px;padding:32px 20px 48px;background:var(--page);color:var(--text);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;font-variant-numeric:tabular-nums}
h1,h2,h3,p,dl,dd,figure{margin:0}
h1{font-size:26px;line-height:1.2;letter-spacing:-.02em}
h2{font-size:22px;letter-spacing:-.015em}
h3{margin:0 0 4px;font-size:16px}
a{color:var(--accent)}
header p,.span,.note,footer{color:var(--quiet)}
header p{margin-top:4px}
nav{display:flex;flex-wrap:wrap;gap:4px 18px;margin-top:12px}
section{margin-top:28px}
.span{margin-top:2px}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(130px,1fr));gap:1px;margin:16px 0 12px;
border:1px solid var(--line);border-radius:10px;background:var(--line);overflow:hidden}
.figures div{padding:12px 16px;background:var(--panel)}
.figures dt{color:var(--quiet);font-size:12px}
.figures dd{font-size:20px;font-weight:600;letter-spacing:-.01em}
.figures small{display:block;color:var(--quiet);font-size:12px;font-weight:400;letter-spacing:0}
.panel{margin-top:12px;padding:16px 18px;border:1px solid var(--line);border-radius:10px;background:var(--panel)}
.chart+.chart{margin-top:22px}
figcaption{display:flex;flex-wrap:wrap;justify-content:space-between;gap:2px 16px;margin-bottom:8px;font-size:13px}
.key{display:flex;flex-wrap:wrap;gap:2px 14px;color:var(--quiet)}
.key span{display:inline-flex;align-items:center;gap:6px}
.dot{width:10px;height:10px;border-radius:3px;background:currentColor}
.plot{position:relative;margin-right:76px}
.plot svg{display:block;width:100%;height:100%;overflow:visible}
.row{position:absolute;left:calc(100% + 8px);transform:translateY(-50%);color:var(--quiet);font-size:12px;white-space:nowrap}
.across{position:relative;height:18px;margin:4px 76px 0 0;color:var(--quiet);font-size:12px}
.across span{position:absolute;transform:translateX(-50%);white-space:nowrap}
.grid{fill:none;stroke:var(--grid);stroke-width:1;vector-effect:non-scaling-stroke}
.line{fill:none;stroke:currentColor;stroke-width:1.6;stroke-linejoin:round;vector-effect:non-scaling-stroke}
.fill,.band{fill:currentColor}.band{stroke:currentColor;stroke-width:1.5;stroke-linejoin:round;vector-effect:non-scaling-stroke}
.accent{color:var(--accent)}.soft{color:var(--soft)}.bar{color:var(--bar)}.buy{color:var(--buy)}.sell{color:var(--sell)}
.quiet{color:var(--quiet)}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:12px}
.pair .panel{margin-top:12px}
.scroll{overflow-x:auto}
table{width:100%;margin-top:10px;border-collapse:collapse}
th{padding:6px 10px;color:var(--quiet);font-size:12px;font-weight:500;text-align:right;white-space:nowrap}
td{padding:7px 10px;border-top:1px solid var(--line);text-align:right;white-space:nowrap}
th:first-child,td:first-child{padding-left:0;text-align:left}
th:last-child,td:last-child{padding-right:0}
td small{display:block;color:var(--quiet);font-size:12px}
.facts td:first-child{width:42%;white-space:normal}
.facts td:last-child,.facts th:last-child{text-align:left;width:1%}
.mark{display:inline-block;padding:1px 9px;border-radius:99px;background:var(--even);color:var(--quiet);font-size:13px}
.mark.within{background:var(--good);color:var(--buy)}
.mark.outside{background:var(--bad);color:var(--sell)}
.share{position:relative;display:inline-block;width:110px;height:9px;margin-left:12px;vertical-align:0}
.share::before{position:absolute;top:-3px;bottom:-3px;left:50%;border-left:1px solid var(--line);content:""}
.share i{position:absolute;top:0;bottom:0;border-radius:2px;background:currentColor}
.note{margin-top:10px;font-size:13px;max-width:80ch}
footer{margin-top:32px;font-size:13px}
@media (max-width:640px){body{padding:20px 12px 32px}.panel{padding:14px 12px}.plot{margin-right:60px}.across{font-size:11px}
.across{margin-right:60px}.figures{grid-template-columns:1fr 1fr}.share,.spare{display:none}
th,td{padding-inline:6px}
.facts,.facts tbody,.facts td{display:block}.facts thead{display:none}.figures dd{font-size:16px}
.facts tr{display:grid;grid-template-columns:1fr auto;gap:0 12px;padding:9px 0;border-top:1px solid var(--line)}
.facts td{padding:0;border:0;text-align:left;white-space:normal}.facts td:first-child{width:auto;font-weight:500}
.facts td:nth-child(3){color:var(--quiet)}.facts td:nth-child(3)::before{content:"wanted: "}
.facts td:not(:last-child){grid-column:1}.facts td:last-child{grid-area:1/2/4/3;align-self:center;width:auto}}
@media print{:root{color-scheme:light;--page:#fff;--panel:#fff;--line:#ccd3db;--grid:#e6eaef;--text:#000;--quiet:#444;
--buy:#0b7a4b;--sell:#c22f3a;--accent:#1f56c3;--soft:#c9d7f3;--bar:#a9bbdc;--good:#e0f2e9;--bad:#fbe4e5;--even:#eef0f3}
body{max-width:none;padding:0;font-size:12px}section+section{break-before:page}.chart,tr,.figures{break-inside:avoid}nav{display:none}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`
