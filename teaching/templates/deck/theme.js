// Before anything is painted: the theme that the reader's machine asks for.
document.documentElement.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
window.MathJax = {
  tex: { inlineMath: [["$", "$"], ["\\(", "\\)"]], processEscapes: true },
  options: { enableMenu: false, ignoreHtmlClass: "highlight|output|baked-panel|predict" },
  svg: { fontCache: "global" },
  startup: { typeset: false },
};
