"""Who may know what: policy, the gate that makes a `Release`, the audit log (Django app)."""
