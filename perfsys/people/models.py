from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, email: str | None = None, phone: str | None = None, password: str | None = None) -> "Account":
        account = self.model(email=self.normalize_email(email) if email else None, phone=phone)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """Global, and therefore only what signing in needs; all personal data sits on Employee (product.md §1.2)."""

    email = models.EmailField(unique=True, null=True, blank=True)
    phone = models.CharField(max_length=20, unique=True, null=True, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountManager()

    USERNAME_FIELD = "email"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email__isnull=False) | models.Q(phone__isnull=False), name="people_account_reachable"
            )
        ]

    def __str__(self) -> str:
        return self.email or self.phone or f"account {self.pk}"
