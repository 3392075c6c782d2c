package rules

import "github.com/flink-sidecar/flink-sidecar/advisor/cause"

var decimals = cause.Rule{
	Name:      "decimals",
	Category:  cause.Other,
	Frames:    cause.Pattern{"java.math.*", "org.apache.flink.table.data.DecimalData*"},
	Removable: cause.Span{Low: 0.3, High: 0.98},
	RestsOn:   cause.Ground{Kind: cause.Measured, Says: "where only divisions and setScale are avoided"},
	Judge:     cause.CostsCPU,
	What:      "decimal arithmetic",
	Why:       "BigDecimal and BigInteger make an object for each result and divide digit by digit.",
	Change: "Calculate amounts as a long in the smallest unit (cents), and turn them into a BigDecimal only where " +
		"people or other systems need one. Avoid division and setScale on the path of every record.",
	TradeOffs: "A long holds 18 digits: check the largest sum, with Math.addExact where it may be reached.",
	Reference: docsJDK + "java/math/BigDecimal.html",
}
