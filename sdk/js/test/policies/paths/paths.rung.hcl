policy "paths" { language = 1 }

action "secret" {
  http  = ["GET /secret", "POST /form", "/any/{name...}", "DELETE /a/{id}/b", "GET admin.example/panel", "PUT /tree/"]
  level = "none"
}
