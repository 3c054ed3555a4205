"""From YAML to a frozen `Spec`, or to every problem of it with its place; and a spec described, or made from another.

May import `image` (for its transforms and other libraries' names), `settings`, and what is below.
"""
