// Package advisor recommends what to change. It takes an [evidence.Bundle], which holds
// all measurements of one job, and returns an [episode.Advice]: numbered evidence, and
// recommendations that cite it.
//
// The work goes in one direction:
//
//	1  bundle      profiles as stacks, vertices, checkpoints, trends, settings
//	2  facts       samples by the causes they show, busy fraction, numbered facts (advisor/cause)
//	3  rules       one value each; each may make one finding (advisor/rules)
//	4  ranking     by severity, then by bounded impact
//	5  LLM         may add findings; each claim is verified against 1 and 2 (advisor/llm)
//
// Steps 1 to 4 are [Rules], a pure function: the same bundle gives the same advice.
// Step 5 is [Advisor.Advise]. It also works without an LLM: a fault of the LLM is a
// warning, never an error.
package advisor
