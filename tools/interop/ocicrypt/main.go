// The library that skopeo and containerd encrypt layers with, behind a program: a request as a line of JSON on standard input,
// an answer as a line on standard output.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"

	"github.com/containers/ocicrypt"
	"github.com/containers/ocicrypt/config"
	"github.com/opencontainers/go-digest"
	imagespec "github.com/opencontainers/image-spec/specs-go/v1"
)

type request struct {
	// Op is encrypt or decrypt.
	Op          string            `json:"op"`
	MediaType   string            `json:"mediaType"`
	Layer       []byte            `json:"layer"`
	Annotations map[string]string `json:"annotations"`
	// Providers are recipients or keys: name, or name:parameters.
	Providers [][]byte `json:"providers"`
	// PublicKeys are recipients, in PEM.
	PublicKeys [][]byte `json:"publicKeys"`
	// PrivateKeys are keys, in PEM.
	PrivateKeys [][]byte `json:"privateKeys"`
}

type answer struct {
	Layer       []byte            `json:"layer,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Error       string            `json:"error,omitempty"`
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 64<<20)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		var asked request
		made, err := answer{}, json.Unmarshal(in.Bytes(), &asked)
		if err == nil {
			made, err = act(asked)
		}
		if err != nil {
			made = answer{Error: err.Error()}
		}
		if err := out.Encode(made); err != nil {
			panic(err)
		}
	}
}

func act(asked request) (answer, error) {
	layer := bytes.NewReader(asked.Layer)
	descriptor := imagespec.Descriptor{
		MediaType:   asked.MediaType,
		Digest:      digest.FromBytes(asked.Layer),
		Size:        int64(len(asked.Layer)),
		Annotations: asked.Annotations,
	}
	if asked.Op == "encrypt" {
		sealing, err := recipients(asked)
		if err != nil {
			return answer{}, err
		}
		stream, finish, err := ocicrypt.EncryptLayer(sealing.EncryptConfig, layer, descriptor)
		if err != nil {
			return answer{}, err
		}
		sealed, err := io.ReadAll(stream)
		if err != nil {
			return answer{}, err
		}
		annotations, err := finish()
		return answer{Layer: sealed, Annotations: annotations}, err
	}
	opening, err := keys(asked)
	if err != nil {
		return answer{}, err
	}
	stream, _, err := ocicrypt.DecryptLayer(opening.DecryptConfig, layer, descriptor, false)
	if err != nil {
		return answer{}, err
	}
	opened, err := io.ReadAll(stream)
	return answer{Layer: opened}, err
}

func recipients(asked request) (config.CryptoConfig, error) {
	return combined(
		func() (config.CryptoConfig, error) { return config.EncryptWithJwe(asked.PublicKeys) }, len(asked.PublicKeys),
		func() (config.CryptoConfig, error) { return config.EncryptWithKeyProvider(asked.Providers) }, len(asked.Providers),
	)
}

func keys(asked request) (config.CryptoConfig, error) {
	passwords := make([][]byte, len(asked.PrivateKeys))
	return combined(
		func() (config.CryptoConfig, error) { return config.DecryptWithPrivKeys(asked.PrivateKeys, passwords) }, len(asked.PrivateKeys),
		func() (config.CryptoConfig, error) { return config.DecryptWithKeyProvider(asked.Providers) }, len(asked.Providers),
	)
}

// combined has what there is of both, as skopeo does it.
func combined(
	byKey func() (config.CryptoConfig, error), keys int,
	byProvider func() (config.CryptoConfig, error), providers int,
) (config.CryptoConfig, error) {
	var all []config.CryptoConfig
	if keys > 0 {
		made, err := byKey()
		if err != nil {
			return made, err
		}
		all = append(all, made)
	}
	if providers > 0 {
		made, err := byProvider()
		if err != nil {
			return made, err
		}
		all = append(all, made)
	}
	return config.CombineCryptoConfigs(all), nil
}
