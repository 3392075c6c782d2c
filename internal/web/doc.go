// Package web is the page that a person reads during an incident: the page at / with
// the present state on one screen, the list of episodes at /episodes, and a page for
// each episode.
//
// The pages are rendered on the server from an [api.Status] and the history, and are
// complete without JavaScript, where they reload themselves. With it, page.js asks
// for the same page's main part every few seconds and replaces the changed sections, so
// that focus, opened lists, the selection and the scroll position stay. The page of an
// ended episode does neither.
//
// # Its rules
//
//   - A value that is unknown says "unknown"; it is never 0 and never blank. The
//     page dims when the sidecar stops answering.
//   - Colour never stands alone: every state is a word too.
//   - Problems come first and end in what to do.
//   - Everything shown is data from outside. html/template escapes it, and a strict
//     Content-Security-Policy is the second barrier: no inline script or style,
//     nothing from elsewhere. So bars are SVG with attributes: a style attribute would be
//     refused.
//   - Texts are bounded when they are shown, too: they may come from the API.
//   - Links are relative, so that a proxy may serve the pages below a path of its own.
//
// view.go (the page at /), episodes.go (the list) and episode.go (one episode) decide
// what is shown, with notices.go, trends.go, findings.go, timeline.go and outcome.go;
// format.go writes values, spark.go draws. The templates only arrange them.
package web
