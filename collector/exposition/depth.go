package exposition

// depths are, by vertex, the edges on the longest way from a source: 0 for a source. A way that comes
// back to its beginning, which no job has, ends there.
func depths(vertices []Vertex) map[string]int {
	inputs := map[string][]string{}
	for _, v := range vertices {
		inputs[v.ID] = v.Inputs
	}
	all := map[string]int{}
	var depth func(id string) int
	depth = func(id string) int {
		if known, begun := all[id]; begun {
			return known
		}
		all[id] = 0
		deepest := 0
		for _, input := range inputs[id] {
			if _, there := inputs[input]; there {
				deepest = max(deepest, depth(input)+1)
			}
		}
		all[id] = deepest
		return deepest
	}
	for _, v := range vertices {
		depth(v.ID)
	}
	return all
}
