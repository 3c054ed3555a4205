"""The spec: a frozen `Spec` of its YAML text, or every problem of it with its place; its description and its schema.

`loading` reads a spec, from `strict_yaml` to `spec`: `validation` its settings, `steps` its pipeline, whose calls of
other libraries go through `translation`; `suggestions` says what to write instead. `outline` shows what was understood,
`descriptions` and `json_schema` what may be written. `presets` and `conversion` make specs to start from.

May import `text`, `image`, `settings`, `random_streams`, `problems`.
"""
