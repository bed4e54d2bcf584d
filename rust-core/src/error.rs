// Every failure as one stable code with details. `CODES` and ts/mls/errors.ts list the same codes; a test compares
// them over the boundary. The text of an OpenMLS error goes into `rule`: it names the check, never a secret.

use std::fmt::Debug;

use openmls::prelude::*;
use openmls::schedule::PprfError;
use openmls::treesync::errors::{LeafNodeValidationError, LifetimeError};
use wasm_bindgen::{JsCast, JsValue};

macro_rules! codes {
    ($($variant:ident = $name:literal,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($variant,)* }

        /// All codes, as JavaScript sees them.
        pub const CODES: &[&str] = &[$($name,)*];

        impl Code {
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }
        }
    };
}

codes! {
    Malformed = "malformed",
    TooLarge = "tooLarge",
    WrongVersion = "wrongVersion",
    WrongSuite = "wrongSuite",
    WrongGroup = "wrongGroup",
    WrongEpoch = "wrongEpoch",
    WrongType = "wrongType",
    WrongWireFormat = "wrongWireFormat",
    NotAMember = "notAMember",
    InvalidSignature = "invalidSignature",
    InvalidProposal = "invalidProposal",
    InvalidCommit = "invalidCommit",
    InvalidWelcome = "invalidWelcome",
    InvalidGroupInfo = "invalidGroupInfo",
    InvalidTree = "invalidTree",
    InvalidKeyPackage = "invalidKeyPackage",
    Expired = "expired",
    Undecryptable = "undecryptable",
    SecretReuse = "secretReuse",
    Duplicate = "duplicate",
    OwnMessage = "ownMessage",
    NoKeyPackage = "noKeyPackage",
    NoSuchGroup = "noSuchGroup",
    GroupExists = "groupExists",
    NoSuchIdentity = "noSuchIdentity",
    NoSuchProposal = "noSuchProposal",
    Inactive = "inactive",
    PendingCommit = "pendingCommit",
    NoPendingCommit = "noPendingCommit",
    PendingProposals = "pendingProposals",
    StaleStage = "staleStage",
    ExportedBefore = "exportedBefore",
    InvalidArgument = "invalidArgument",
    DamagedStore = "damagedStore",
    Internal = "internal",
}

/// A failure on its way to JavaScript.
#[derive(Debug)]
pub struct Error {
    pub code: Code,
    /// The rule that refused.
    pub rule: String,
    /// Numbers for programs, such as `current` and `got`.
    pub numbers: Vec<(&'static str, u64)>,
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub fn new(code: Code, rule: impl Into<String>) -> Self {
        Self {
            code,
            rule: rule.into(),
            numbers: Vec::new(),
        }
    }

    pub fn with(mut self, name: &'static str, value: u64) -> Self {
        self.numbers.push((name, value));
        self
    }

    pub fn wrong_epoch(current: u64, got: u64) -> Self {
        Self::new(Code::WrongEpoch, "")
            .with("current", current)
            .with("got", got)
    }

    /// The code, with the failed check in OpenMLS's words.
    pub fn of(code: Code, source: &impl Debug) -> Self {
        let mut rule = format!("{source:?}");
        let end = rule
            .char_indices()
            .nth(160)
            .map_or(rule.len(), |(at, _)| at);
        rule.truncate(end);
        Self::new(code, rule)
    }

    pub fn internal(source: &impl Debug) -> Self {
        Self::of(Code::Internal, source)
    }
}

/// Refuses inputs above `limit` bytes.
pub fn check_size(bytes: &[u8], limit: usize) -> Result<()> {
    if bytes.len() > limit {
        return Err(Error::new(Code::TooLarge, "")
            .with("limit", limit as u64)
            .with("size", bytes.len() as u64));
    }
    Ok(())
}

impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        let js = js_sys::Error::new(&error.rule);
        let details = js_sys::Object::new();
        // Setting a property of a fresh object cannot fail.
        if !error.rule.is_empty() {
            let _ = js_sys::Reflect::set(&details, &"rule".into(), &error.rule.as_str().into());
        }
        for (name, value) in error.numbers {
            let _ = js_sys::Reflect::set(&details, &name.into(), &JsValue::from(value));
        }
        let _ = js_sys::Reflect::set(&js, &"code".into(), &error.code.name().into());
        let _ = js_sys::Reflect::set(&js, &"details".into(), &details);
        js.unchecked_into()
    }
}

/// `code` for a key or ciphertext of the other side that the cryptography refused: OpenMLS takes that for a fault of
/// its own. It does not export the kind of a LibraryError; its Debug text names it.
fn refused_by_cryptography(e: &LibraryError, code: Code) -> Code {
    if format!("{e:?}").contains("CryptoError") {
        code
    } else {
        Code::Internal
    }
}

impl From<LibraryError> for Error {
    fn from(e: LibraryError) -> Self {
        Self::internal(&e)
    }
}

impl From<MlsGroupStateError> for Error {
    fn from(e: MlsGroupStateError) -> Self {
        let code = match e {
            MlsGroupStateError::UseAfterEviction => Code::Inactive,
            MlsGroupStateError::PendingProposal => Code::PendingProposals,
            MlsGroupStateError::PendingCommit => Code::PendingCommit,
            MlsGroupStateError::NoPendingCommit => Code::NoPendingCommit,
            MlsGroupStateError::PendingProposalNotFound => Code::NoSuchProposal,
            MlsGroupStateError::LibraryError(e) => return e.into(),
        };
        Self::new(code, "")
    }
}

impl From<ValidationError> for Error {
    fn from(e: ValidationError) -> Self {
        use openmls::framing::errors::MessageDecryptionError as D;
        let code = match &e {
            ValidationError::LibraryError(_) => Code::Internal,
            ValidationError::WrongGroupId => Code::WrongGroup,
            ValidationError::WrongEpoch | ValidationError::NoPastEpochData => Code::WrongEpoch,
            ValidationError::UnknownMember
            | ValidationError::NoExternalSendersExtension
            | ValidationError::UnauthorizedExternalSender => Code::NotAMember,
            ValidationError::MissingMembershipTag
            | ValidationError::InvalidMembershipTag
            | ValidationError::InvalidSignature
            | ValidationError::InvalidLeafNodeSignature => Code::InvalidSignature,
            ValidationError::UnencryptedApplicationMessage | ValidationError::WrongWireFormat => {
                Code::WrongWireFormat
            }
            // OpenMLS does not export the type of the inner error; its Debug text names the case.
            ValidationError::UnableToDecrypt(D::SecretTreeError(inner))
                if matches!(
                    format!("{inner:?}").as_str(),
                    "SecretReuseError" | "TooDistantInThePast"
                ) =>
            {
                Code::SecretReuse
            }
            ValidationError::UnableToDecrypt(_) => Code::Undecryptable,
            ValidationError::KeyPackageVerifyError(e) => return e.clone().into(),
            ValidationError::MissingConfirmationTag
            | ValidationError::NoPath
            | ValidationError::ExternalCommitValidation(_)
            | ValidationError::CommitterIncludedOwnUpdate
            | ValidationError::UpdatePathError(_) => Code::InvalidCommit,
            _ => Code::InvalidProposal,
        };
        Self::of(code, &e)
    }
}

impl From<KeyPackageVerifyError> for Error {
    fn from(e: KeyPackageVerifyError) -> Self {
        let code = match &e {
            KeyPackageVerifyError::LibraryError(_) => Code::Internal,
            KeyPackageVerifyError::LifetimeError(_) | KeyPackageVerifyError::MissingLifetime => {
                Code::Expired
            }
            KeyPackageVerifyError::InvalidSignature
            | KeyPackageVerifyError::InvalidLeafNodeSignature => Code::InvalidSignature,
            KeyPackageVerifyError::InvalidProtocolVersion => Code::WrongVersion,
            _ => Code::InvalidKeyPackage,
        };
        Self::of(code, &e)
    }
}

impl From<ProposalValidationError> for Error {
    fn from(e: ProposalValidationError) -> Self {
        let code = match &e {
            ProposalValidationError::LibraryError(_) => Code::Internal,
            ProposalValidationError::UnknownMember
            | ProposalValidationError::UnknownMemberRemoval => Code::NotAMember,
            ProposalValidationError::InvalidAddProposalCiphersuiteOrVersion => Code::WrongSuite,
            ProposalValidationError::LeafNodeValidation(LeafNodeValidationError::Lifetime(_)) => {
                Code::Expired
            }
            _ => Code::InvalidProposal,
        };
        Self::of(code, &e)
    }
}

impl From<StageCommitError> for Error {
    fn from(e: StageCommitError) -> Self {
        let code = match &e {
            StageCommitError::LibraryError(e) => refused_by_cryptography(e, Code::InvalidCommit),
            StageCommitError::OwnCommitMismatch => Code::OwnMessage,
            StageCommitError::PathLeafNodeVerificationFailure => Code::InvalidSignature,
            // The commit is refused, whichever of its proposals is to blame: `rule` says.
            _ => Code::InvalidCommit,
        };
        Self::of(code, &e)
    }
}

impl From<CreateCommitError> for Error {
    fn from(e: CreateCommitError) -> Self {
        match e {
            CreateCommitError::ProposalValidationError(e) => e.into(),
            CreateCommitError::LibraryError(e) => e.into(),
            e => Self::of(Code::InvalidProposal, &e),
        }
    }
}

impl<S: Debug> From<ProcessMessageError<S>> for Error {
    fn from(e: ProcessMessageError<S>) -> Self {
        match e {
            ProcessMessageError::LibraryError(e) => e.into(),
            ProcessMessageError::ValidationError(e) => e.into(),
            ProcessMessageError::InvalidCommit(e) => e.into(),
            ProcessMessageError::GroupStateError(e) => e.into(),
            ProcessMessageError::IncompatibleWireFormat => Self::new(Code::WrongWireFormat, ""),
            ProcessMessageError::StorageError(e) => Self::of(Code::DamagedStore, &e),
            ProcessMessageError::MalformedSafeAad => Self::new(Code::Malformed, "SafeAad"),
            e => Self::of(Code::InvalidProposal, &e),
        }
    }
}

impl From<PublicProcessMessageError> for Error {
    fn from(e: PublicProcessMessageError) -> Self {
        match e {
            PublicProcessMessageError::LibraryError(e) => e.into(),
            PublicProcessMessageError::ValidationError(e) => e.into(),
            PublicProcessMessageError::InvalidCommit(e) => e.into(),
            PublicProcessMessageError::IncompatibleWireFormat => {
                Self::new(Code::WrongWireFormat, "")
            }
            PublicProcessMessageError::MalformedSafeAad => Self::new(Code::Malformed, "SafeAad"),
            e => Self::of(Code::InvalidProposal, &e),
        }
    }
}

impl From<ResolveAppDataCommitError> for Error {
    fn from(e: ResolveAppDataCommitError) -> Self {
        match e {
            ResolveAppDataCommitError::StageCommit(e) => e.into(),
            e => Self::internal(&e),
        }
    }
}

impl From<PprfError> for Error {
    fn from(e: PprfError) -> Self {
        match e {
            PprfError::PuncturedInput => Self::new(Code::ExportedBefore, ""),
            e => Self::of(Code::InvalidArgument, &e),
        }
    }
}

impl<S: Debug> From<SafeExportSecretError<S>> for Error {
    fn from(e: SafeExportSecretError<S>) -> Self {
        match e {
            SafeExportSecretError::GroupState(e) => e.into(),
            SafeExportSecretError::ApplicationExportTree(e) => e.into(),
            SafeExportSecretError::Storage(e) => Self::of(Code::DamagedStore, &e),
            e => Self::internal(&e),
        }
    }
}

impl<S: Debug> From<PendingSafeExportSecretError<S>> for Error {
    fn from(e: PendingSafeExportSecretError<S>) -> Self {
        use StagedSafeExportSecretError::ApplicationExportTree;
        match e {
            PendingSafeExportSecretError::NoPendingCommit => Self::new(Code::NoPendingCommit, ""),
            PendingSafeExportSecretError::SafeExportSecretError(ApplicationExportTree(e)) => {
                e.into()
            }
            PendingSafeExportSecretError::Storage(e) => Self::of(Code::DamagedStore, &e),
            e => Self::internal(&e),
        }
    }
}

impl<S: Debug> From<CreationFromExternalError<S>> for Error {
    fn from(e: CreationFromExternalError<S>) -> Self {
        let code = match &e {
            CreationFromExternalError::LibraryError(_) => Code::Internal,
            CreationFromExternalError::UnknownSender
            | CreationFromExternalError::InvalidGroupInfoSignature => Code::InvalidGroupInfo,
            CreationFromExternalError::UnsupportedMlsVersion => Code::WrongVersion,
            CreationFromExternalError::UnsupportedCiphersuite(_) => Code::WrongSuite,
            CreationFromExternalError::LeafNodeValidation(LeafNodeValidationError::Lifetime(
                LifetimeError::Expired { .. } | LifetimeError::NotValidYet { .. },
            )) => Code::Expired,
            CreationFromExternalError::WriteToStorageError(_) => Code::DamagedStore,
            _ => Code::InvalidTree,
        };
        Self::of(code, &e)
    }
}

impl<S: Debug> From<WelcomeError<S>> for Error {
    fn from(e: WelcomeError<S>) -> Self {
        let code = match &e {
            WelcomeError::LibraryError(e) => refused_by_cryptography(e, Code::InvalidWelcome),
            WelcomeError::NoMatchingKeyPackage
            | WelcomeError::JoinerSecretNotFound
            | WelcomeError::PrivateInitKeyNotFound
            | WelcomeError::NoMatchingEncryptionKey => Code::NoKeyPackage,
            WelcomeError::CiphersuiteMismatch | WelcomeError::UnsupportedCiphersuite(_) => {
                Code::WrongSuite
            }
            WelcomeError::UnsupportedMlsVersion => Code::WrongVersion,
            WelcomeError::MissingRatchetTree | WelcomeError::PublicTreeError(_) => {
                Code::InvalidTree
            }
            WelcomeError::GroupAlreadyExists => Code::GroupExists,
            WelcomeError::StorageError(_) => Code::DamagedStore,
            WelcomeError::UnableToDecrypt | WelcomeError::GroupSecrets(_) => Code::Undecryptable,
            _ => Code::InvalidWelcome,
        };
        match e {
            WelcomeError::PublicGroupError(e) => e.into(),
            e => Self::of(code, &e),
        }
    }
}

impl<S: Debug> From<ExternalCommitBuilderError<S>> for Error {
    fn from(e: ExternalCommitBuilderError<S>) -> Self {
        match e {
            ExternalCommitBuilderError::LibraryError(e) => {
                Self::of(refused_by_cryptography(&e, Code::InvalidGroupInfo), &e)
            }
            ExternalCommitBuilderError::PublicGroupError(e) => e.into(),
            ExternalCommitBuilderError::InvalidProposal(e) => e.into(),
            ExternalCommitBuilderError::MissingRatchetTree => Self::of(Code::InvalidTree, &e),
            ExternalCommitBuilderError::MissingExternalPub => Self::of(Code::InvalidGroupInfo, &e),
            ExternalCommitBuilderError::UnsupportedCiphersuite(_) => Self::of(Code::WrongSuite, &e),
            ExternalCommitBuilderError::StorageError(_) => Self::of(Code::DamagedStore, &e),
        }
    }
}
