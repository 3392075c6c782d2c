// Package plans says what is done about an alert: which steps its episode has, who does them, and
// why a step is left out. The evidence that an episode is judged by is gathered here.
package plans
