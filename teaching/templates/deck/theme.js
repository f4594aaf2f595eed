// Before anything is painted: the theme that the reader's machine asks for.
document.documentElement.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
window.MathJax = {
  tex: { inlineMath: [["$", "$"], ["\\(", "\\)"]], processEscapes: true, packages: { "[-]": ["noundefined"] } },
  // Notes are copied to the speaker's window, where a drawn formula would be empty.
  options: { enableMenu: false, ignoreHtmlClass: "highlight|output|baked-panel|predict|notes" },
  svg: { fontCache: "global" },
  startup: { typeset: false },
};
