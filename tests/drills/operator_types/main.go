// Reads manifests from standard input and decodes those of the Prometheus operator into the operator's own types: an unknown or misspelt field is an
// error. Prints what it took; leaves with 1 at the first error or when there was nothing.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

func decode(document []byte) (string, error) {
	var head metav1.TypeMeta
	if err := yaml.Unmarshal(document, &head); err != nil {
		return "", err
	}
	var into any
	switch head.Kind {
	case "ServiceMonitor":
		into = &monitoring.ServiceMonitor{}
	case "PrometheusRule":
		into = &monitoring.PrometheusRule{}
	case "PodMonitor":
		into = &monitoring.PodMonitor{}
	default:
		return "", nil
	}
	return head.Kind, yaml.UnmarshalStrict(document, into)
}

func main() {
	text, err := io.ReadAll(os.Stdin)
	count := 0
	for _, document := range bytes.Split(text, []byte("\n---\n")) {
		kind, problem := decode(document)
		if problem != nil {
			err = fmt.Errorf("%s: %w", kind, problem)
		} else if kind != "" {
			fmt.Println(kind, "is as its type wants it")
			count++
		}
	}
	if err != nil || count == 0 {
		fmt.Fprintln(os.Stderr, "operator_types:", err, count, "manifests")
		os.Exit(1)
	}
}
