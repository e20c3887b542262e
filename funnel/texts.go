package funnel

import "strings"

// texts numbers the values of the breakdown; 0 is "", for none.
type texts struct {
	ids  map[string]int32
	list []string
}

func newTexts() texts {
	return texts{ids: map[string]int32{"": 0}, list: []string{""}}
}

func (t *texts) id(s string) int32 {
	id, ok := t.ids[s]
	if !ok {
		id = int32(len(t.list))
		s = strings.Clone(s) // a batch holds many values in one text
		t.ids[s] = id
		t.list = append(t.list, s)
	}
	return id
}
