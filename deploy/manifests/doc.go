// Package manifests renders the chart and the kustomizations beside it, and decodes every
// object strictly as its real type: a key that Kubernetes does not know is a failure. It is a
// module of its own, so that the dependencies of Helm and Kubernetes are not those of the
// sidecar.
//
// testdata/flinkdeployments-1.9.0.yml.gz is the CRD of apache/flink-kubernetes-operator at
// release-1.9.0 (Apache License 2.0).
package manifests
