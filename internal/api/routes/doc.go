// Package routes answers the requests to the API: its [Handler] checks a request, asks the sources
// that internal/app implements, and writes the answer with the types of internal/api. Nothing is
// stored here.
//
// Some answers are computed from the history alone, for example [CompareEpochs] and
// [FindChangePoints]. Commands that read the file of the history call the same functions.
//
// A request is data from outside: bodies are bounded, unknown parameters refused,
// and whatever changes something must be JSON and must not come from another
// site's page in a browser. That the Host is one of ours is for the server to see
// to, whose every route needs it.
//
// openapi.yaml describes all this for others and is served beside it. A test
// compares it with the routes, the types and real answers, in both directions.
package routes
