package alerts

import (
	"fmt"
	"slices"
	"text/template/parse"
)

// checkFields looks at the fields of a whole template: an example executes one branch of each
// condition only.
func checkFields(n parse.Node) error {
	for _, child := range children(n) {
		if err := checkFields(child); err != nil {
			return err
		}
	}
	names, ok := n.(*parse.FieldNode)
	if !ok || len(names.Ident) == 1 && slices.Contains(templateFields(), "."+names.Ident[0]) {
		return nil
	}
	return fmt.Errorf("there is no field %s", names)
}

// children are the parts of a node that may hold fields.
func children(n parse.Node) (out []parse.Node) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			out = n.Nodes
		}
	case *parse.ActionNode:
		out = append(out, n.Pipe)
	case *parse.PipeNode:
		for _, command := range n.Cmds {
			out = append(out, command)
		}
	case *parse.CommandNode:
		out = n.Args
	case *parse.IfNode:
		out = append(out, n.Pipe, n.List, n.ElseList)
	case *parse.WithNode:
		out = append(out, n.Pipe, n.List, n.ElseList)
	case *parse.RangeNode:
		out = append(out, n.Pipe, n.List, n.ElseList)
	}
	return out
}
