// Package firstconfig makes the first configuration of a cluster: what sidecar init writes.
//
// It asks Flink for the running jobs, and looks for the brokers, topics and indices of the
// first job that reads from Kafka. Flink knows them only in part:
//
//   - the names of the metrics of a Kafka source hold the topic;
//   - the names of the metrics of a sink tell that it is a Kafka sink, but not its topic;
//   - the settings of the job (its global job parameters) and the arguments of its program
//     hold what its author put there.
//
// Each value says where it was found. What is not known becomes a placeholder, which
// check config reports. With a sample the payload is made from a real record, without what
// looks like a secret or like personal data.
package firstconfig
