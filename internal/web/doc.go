// Package web is what a person sees who looks in during an incident: the page at /
// with all that the sidecar knows now on one screen, the list of episodes at
// /episodes, and a page for each episode.
//
// The pages are rendered on the server from an [api.Status] and the history, and are
// complete without JavaScript, where they reload themselves. With it, page.js asks
// for the same page's main part every few seconds and puts in what has changed, so
// that the place where one reads, what was opened, the selection and the scroll
// position stay. The page of an episode that has ended does neither.
//
// # Its rules
//
//   - A value that is unknown says "unknown"; it is never 0 and never blank. What
//     is old says so: the page dims when the sidecar stops answering.
//   - Colour never stands alone: every state is a word too.
//   - What is wrong comes first and ends in what to do.
//   - Everything shown is data from outside. html/template escapes it, and a strict
//     Content-Security-Policy forbids what would slip through: no inline script or
//     style, nothing from elsewhere. That is why bars are SVG with attributes: a
//     style attribute would be refused.
//   - Texts are bounded when they are shown, too: what a page is about may have come
//     in through the API.
//   - Links are relative, so that a proxy may serve the pages below a path of its own.
//
// view.go (the page at /), episodes.go (the list) and episode.go (one episode) decide
// what is shown, with notices.go, trends.go, findings.go, timeline.go and outcome.go;
// format.go says how a value is written, spark.go draws. The templates only put it
// in its place.
package web
