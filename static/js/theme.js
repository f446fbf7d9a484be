// Error pages are written without knowing the reader: the choice of light or dark comes from the cookie.
// Loaded without module or defer, so that the page is never painted in the wrong one.
{
  const chosen = /(?:^|; )theme=(light|dark)/.exec(document.cookie);
  if (chosen) document.documentElement.dataset.theme = chosen[1];
}
