package reports

// Node is one step of a run: a load, an analysis, a report.
type Node struct {
	Name   string `json:"name"`   // "funnel/referral"
	Kind   string `json:"kind"`   // load, funnel, cohorts, experiment, attribution, partners, report
	Status string `json:"status"` // ok, skipped, failed
	Detail string `json:"detail,omitempty"`
	Rows   int64  `json:"rows,omitempty"`
}

// RunResults is run_results.json: what a scheduler reads to learn how a run ended. It carries no
// times, so that equal runs give equal files.
type RunResults struct {
	Schema  string   `json:"schema"` // vouch.run_results/1
	Run     Run      `json:"run"`
	Project string   `json:"project"`
	Nodes   []Node   `json:"nodes"`
	Files   []string `json:"files"`
}

// RunResults returns the outcome of the run and the files written for it.
func (b *Bundle) RunResults(files []File) RunResults {
	r := RunResults{Schema: "vouch.run_results/1", Run: b.Run, Project: b.Project.Name, Nodes: b.Nodes, Files: []string{}}
	if r.Nodes == nil {
		r.Nodes = b.nodes()
	}
	for _, f := range files {
		r.Files = append(r.Files, f.Path)
	}
	return r
}

// nodes lists what a bundle holds: a run that fails writes no bundle, so each step that is here
// ended well.
func (b *Bundle) nodes() []Node {
	out := []Node{}
	for _, s := range b.Data.Sources {
		out = append(out, Node{Name: "load/" + s.Name, Kind: "load", Status: "ok", Rows: s.Accepted})
	}
	add := func(kind, name string) { out = append(out, Node{Name: kind + "/" + name, Kind: kind, Status: "ok"}) }
	for _, r := range b.Funnels {
		add("funnel", r.Name)
	}
	for _, r := range b.Cohorts {
		add("cohorts", r.Name)
	}
	for _, r := range b.Experiments {
		add("experiment", r.Name)
	}
	for _, r := range b.Attributions {
		add("attribution", r.Name)
	}
	if b.Partners != nil {
		out = append(out, Node{Name: "partners", Kind: "partners", Status: "ok", Rows: int64(len(b.Partners.Partners))})
	}
	for _, n := range Names() {
		add("report", n)
	}
	return out
}
