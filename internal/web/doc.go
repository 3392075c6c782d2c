// Package web is the page at /: what the sidecar knows and remembers, on one
// screen, for a person who looks in during an incident.
//
// The page is rendered on the server from an [api.Status] and the newest entries of
// the history, and is complete without JavaScript, where it reloads itself. With
// it, page.js asks for the same page's main part every few seconds and puts in what
// has changed, so that the place where one reads, the selection and the scroll
// position stay.
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
//
// view.go decides what is shown, format.go how a value is written, spark.go draws;
// page.html only puts it in its place.
package web
