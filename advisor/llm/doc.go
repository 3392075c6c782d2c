// Package llm asks a language model for additions to the findings of the rules.
//
// An [Analyst] turns facts into a prompt, reads the answer and verifies it. A
// [Provider] carries the question: [OpenAI] sends it to any server with chat
// completions, [File] exchanges files with a person.
//
// The model reads the evidence as an exact, redacted table, and answers in a JSON
// schema. A claim is accepted if its category is known, every evidence id it cites
// exists, every number it quotes is the number of that evidence, and its gain is within
// the bound of the samples it cites. All other claims are dropped and counted by
// reason. Findings of rules come first and keep their numbers for any answer. So text
// that was planted in a frame name or in a setting can at worst add a finding that real
// evidence supports.
package llm
