// Package llm asks a language model what it adds to the findings of the rules.
//
// An [Analyst] turns facts into a prompt, reads the answer and verifies it. A
// [Provider] carries the question: [OpenAI] to any server that speaks chat
// completions, [File] by hand.
//
// The model reads the evidence as an exact table, redacted, and answers in a JSON
// schema. A claim survives if its category is known, every evidence id it cites
// exists, every number it quotes is the number of that evidence, and its gain is
// within the bound of exactly the samples it cites. What fails is dropped and
// counted by reason. Findings of rules come first and keep their numbers whatever
// the answer is: text that was planted in a frame name or in a setting can at
// worst add a finding that real evidence backs.
package llm
