// Package manifests renders the chart and the kustomizations beside it, and decodes every
// object strictly as its real type: a key that Kubernetes does not know is a failure. It is a
// module of its own, so that the dependencies of Helm and Kubernetes are not those of the
// sidecar.
//
// testdata has the CRD of apache/flink-kubernetes-operator (Apache License 2.0) at release-1.8.0,
// at release-1.9.0 and at commit 6e9caeb, which is 1.16-SNAPSHOT. A FlinkDeployment is held against
// them by a library for JSON schemas. kubeconform does the same, but gets the schemas of everything
// else from the network, where the types of Kubernetes are here already.
package manifests
