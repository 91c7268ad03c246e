// operator_types [CRD-FILE...]: reads manifests from standard input and holds the operators' ones against what the operators want of them. For a kind
// with a CustomResourceDefinition in one of the files that is what an API server does: no unknown field, the schema, its rules (CEL). Kinds of the
// Prometheus operator are decoded into the operator's own types: an unknown or misspelt field is an error. Prints what it took; leaves with 1 where
// something is wrong or when there was nothing.
//
// operator_types --adapter FILE: reads the rules of prometheus-adapter's values with its own reader, and prints for each rule the series, the name
// that the metric gets, and the query.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/json"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	adapterconfig "sigs.k8s.io/prometheus-adapter/pkg/config"
	"sigs.k8s.io/yaml"
)

// What a CustomResourceDefinition says of one version of a kind.
type definition struct {
	structural *schema.Structural
	validator  validation.SchemaValidator
	rules      *cel.Validator
}

func readDefinitions(path string, into map[string]definition) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var crd apiextensionsv1.CustomResourceDefinition
	if err := yaml.Unmarshal(text, &crd); err != nil {
		return err
	}
	for _, version := range crd.Spec.Versions {
		var props apiextensions.JSONSchemaProps
		if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(version.Schema.OpenAPIV3Schema, &props, nil); err != nil {
			return err
		}
		structural, err := schema.NewStructural(&props)
		if err != nil {
			return err
		}
		validator, _, err := validation.NewSchemaValidator(&props)
		if err != nil {
			return err
		}
		name := crd.Spec.Group + "/" + version.Name + "/" + crd.Spec.Names.Kind
		into[name] = definition{structural, validator, cel.NewValidator(structural, true, celconfig.PerCallLimit)}
	}
	return nil
}

func (d definition) hold(document []byte) error {
	text, err := yaml.YAMLToJSONStrict(document)
	if err != nil {
		return err
	}
	// As an API server reads it: whole numbers stay whole.
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		return err
	}
	var wrong []string
	unknown := pruning.PruneWithOptions(object, d.structural, true, schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	for _, path := range unknown {
		wrong = append(wrong, "unknown field "+path)
	}
	defaulting.Default(object, d.structural)
	for _, problem := range validation.ValidateCustomResource(nil, object, d.validator) {
		wrong = append(wrong, problem.Error())
	}
	if d.rules != nil {
		problems, _ := d.rules.Validate(context.Background(), nil, d.structural, object, nil, celconfig.RuntimeCELCostBudget)
		for _, problem := range problems {
			wrong = append(wrong, problem.Error())
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%s", strings.Join(wrong, "; "))
	}
	return nil
}

// The kind, and by what it was held; "" for one that is nobody's of these.
func hold(document []byte, definitions map[string]definition) (kind, by string, err error) {
	var head metav1.TypeMeta
	if err := yaml.Unmarshal(document, &head); err != nil {
		return "", "", err
	}
	if d, ok := definitions[head.APIVersion+"/"+head.Kind]; ok {
		return head.Kind, "CustomResourceDefinition", d.hold(document)
	}
	var into any
	switch head.APIVersion + "/" + head.Kind {
	case "monitoring.coreos.com/v1/ServiceMonitor":
		into = &monitoring.ServiceMonitor{}
	case "monitoring.coreos.com/v1/PrometheusRule":
		into = &monitoring.PrometheusRule{}
	case "monitoring.coreos.com/v1/PodMonitor":
		into = &monitoring.PodMonitor{}
	default:
		return "", "", nil
	}
	return head.Kind, "type", yaml.UnmarshalStrict(document, into)
}

func adapter(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var values struct {
		Rules struct {
			Custom []any `json:"custom"`
		} `json:"rules"`
	}
	if err := yaml.UnmarshalStrict(text, &values); err != nil {
		return err
	}
	rules, err := yaml.Marshal(map[string]any{"rules": values.Rules.Custom})
	if err != nil {
		return err
	}
	config, err := adapterconfig.FromYAML(rules)
	if err != nil {
		return err
	}
	if len(config.Rules) == 0 {
		return fmt.Errorf("no rules")
	}
	for _, rule := range config.Rules {
		matches, err := regexp.Compile(rule.Name.Matches)
		if err != nil {
			return err
		}
		series, _, _ := strings.Cut(rule.SeriesQuery, "{")
		if !matches.MatchString(series) {
			return fmt.Errorf("%s does not match %s", series, rule.Name.Matches)
		}
		fmt.Println(series, matches.ReplaceAllString(series, rule.Name.As), rule.MetricsQuery)
	}
	return nil
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "--adapter" {
		if err := adapter(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, "operator_types:", err)
			os.Exit(1)
		}
		return
	}
	definitions := map[string]definition{}
	for _, path := range os.Args[1:] {
		if err := readDefinitions(path, definitions); err != nil {
			fmt.Fprintln(os.Stderr, "operator_types:", path, err)
			os.Exit(1)
		}
	}
	text, err := io.ReadAll(os.Stdin)
	count, isWrong := 0, err != nil
	for _, document := range bytes.Split(text, []byte("\n---\n")) {
		kind, by, problem := hold(document, definitions)
		if problem != nil {
			fmt.Fprintf(os.Stderr, "operator_types: %s: %v\n", kind, problem)
			isWrong = true
		} else if kind != "" {
			fmt.Printf("%s is as its %s wants it\n", kind, by)
			count++
		}
	}
	if isWrong || count == 0 {
		fmt.Fprintln(os.Stderr, "operator_types:", count, "manifests")
		os.Exit(1)
	}
}
