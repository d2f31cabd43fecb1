/** The texts about second factors: the second step of signing in, setting factors up, and step-up. */
export interface TwoStepTexts {
  /** The second step. */
  readonly confirm: string;
  /** For whoever is signed in, and has to sign in once more. */
  readonly againLead: string;
  readonly codeLead: string;
  readonly code: string;
  readonly passkeyLead: string;
  readonly recoveryLead: string;
  readonly recoveryCode: string;
  readonly goOn: string;
  readonly usePasskey: string;
  readonly useRecovery: string;
  readonly useOther: string;
  readonly notYou: string;
  readonly otherAccount: string;

  /** On the page to sign in: a passkey in place of all the rest. */
  readonly signInWithPasskey: string;
  /** By the script, where nothing came of the browser's own dialogue. */
  readonly passkeyCancelled: string;
  readonly passkeyHere: string;
  readonly passkeyNeedsScript: string;

  readonly codeMissing: string;
  readonly codeWrong: string;
  readonly recoveryWrong: string;
  readonly passkeyWrong: string;
  readonly passkeyRefused: string;
  readonly setUpExpired: string;
  readonly noPasskeyThere: string;
  readonly passkeyNameInvalid: (most: number) => string;
  readonly lastWayIn: string;

  /** On the account page. */
  readonly section: string;
  readonly sectionHint: string;
  readonly off: string;
  readonly signInFirst: string;
  readonly app: string;
  readonly appOn: string;
  readonly setUpApp: string;
  readonly addPasskey: string;
  readonly remove: string;
  /** Of one of several second factors. */
  readonly removeLead: string;
  readonly removeOnlyLead: string;
  readonly removeApp: string;
  readonly removePasskey: (name: string) => string;
  readonly rename: string;
  readonly renamePasskey: (name: string) => string;
  readonly passkeyName: string;
  readonly passkeyUnnamed: string;
  readonly addedOn: (date: string) => string;
  readonly unused: string;
  readonly synced: string;
  readonly recoveryCodes: string;
  readonly codesLeft: (left: number) => string;
  readonly newCodes: string;

  /** Setting up an app. */
  readonly appLead: string;
  readonly qrCode: string;
  readonly byHand: string;
  readonly appCode: string;
  readonly turnOn: string;
  readonly cancel: string;

  /** The codes are shown once. */
  readonly saveCodes: string;
  readonly saveCodesLead: string;
  readonly copy: string;
  readonly copied: string;
  readonly download: string;
  readonly print: string;
  readonly codesSaved: string;
  /** At the head of the file, before the codes. */
  readonly codesFile: (service: string, email: string) => string;

  /** Where something needs a second step that the person has not got. */
  readonly needed: string;
  readonly neededLead: string;
  readonly notNow: string;
  /** Whoever signed in for step-up, and is still not where they have to be. */
  readonly notEnough: string;
  readonly notEnoughLead: string;
  readonly setUp: string;
  readonly goBack: string;
}
