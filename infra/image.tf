# Where the image is pushed to and pulled from.

resource "aws_ecr_repository" "main" {
  #checkov:skip=CKV_AWS_136:AES-256 under AWS's own key; the image holds no secret, and a key of one's own costs 1 USD a month
  name                 = var.name
  image_tag_mutability = "IMMUTABLE"
  force_delete         = !var.protect_data

  image_scanning_configuration {
    scan_on_push = true
  }
}

# Twenty versions to roll back to.
resource "aws_ecr_lifecycle_policy" "main" {
  repository = aws_ecr_repository.main.name

  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Keep the latest 20 images"
        selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 20 }
        action       = { type = "expire" }
      },
    ]
  })
}
