import type { ByMailTexts } from "./by-mail.ts";

export const byMailKorean: ByMailTexts = {
  forgot: "비밀번호를 잊으셨나요?",
  forgotTitle: "비밀번호를 잊으셨나요?",
  forgotText: "계정의 이메일 주소를 입력하세요. 새 비밀번호를 정할 수 있는 링크를 보내 드립니다.",
  forgotAction: "링크 보내기",
  mailed: "메일을 확인하세요",
  mailedText: (email) =>
    `${email} 주소의 계정이 있으면 링크가 담긴 메일을 보냈습니다. 링크는 10분 동안 유효합니다. 메일이 없으면 스팸함을 확인하거나 주소를 다시 확인하세요.`,
  backToSignIn: "로그인으로 돌아가기",

  link: "메일에 있는 링크",
  linkHint: "메일에 있는 링크 전체를 복사해 붙여 넣으세요.",
  linkMissing: "메일에 있는 링크를 붙여 넣으세요.",
  linkInvalid: "더 이상 사용할 수 없는 링크입니다. 이미 사용했거나, 오래되었거나, 더 새로운 링크가 있습니다.",
  askAnew: "새 링크 받기",
  addressTaken: "이 주소는 이미 다른 계정에서 사용하고 있어 아무것도 변경하지 않았습니다.",

  resetTitle: "새 비밀번호 정하기",
  resetText: "모든 기기에서 로그아웃되며, 새 비밀번호로 로그인하게 됩니다.",
  resetAction: "비밀번호 설정",
  resetDone: "비밀번호를 변경했습니다",
  resetDoneText: "모든 기기에서 로그아웃되었습니다. 새 비밀번호로 로그인하세요.",

  verifyTitle: "이메일 주소 확인",
  verifyText: "직접 계정을 만든 경우에만 확인하세요.",
  verifyAction: "이 주소 확인",
  verifyDone: "이메일 주소를 확인했습니다",
  verifyDoneText: "감사합니다. 이 페이지를 닫거나 내 계정으로 이동하세요.",

  signUpMailedText: "이 주소로 메일을 보냈습니다. 메일에 있는 링크를 열어 가입을 마치세요. 메일이 없으면 스팸함을 확인하거나 주소를 다시 확인하세요.",
  signUpTitle: "가입 완료",
  signUpText: "방금 직접 가입한 경우에만 계속하세요. 다른 사람이 이 주소로 가입했을 수도 있으니, 직접 정한 비밀번호를 입력해 주세요.",
  signUpPassword: "직접 정한 비밀번호",
  signUpPasswordWrong: "이 가입 요청에서 정한 비밀번호가 아닙니다. 같은 메일을 여러 통 받았다면 다른 메일의 링크를 여세요. 이 링크는 다른 사람의 요청일 수 있습니다.",
  signUpAction: "계정 만들기",
  signUpDone: "계정을 만들었습니다",
  signUpDoneText: "이메일 주소와 정해 둔 비밀번호로 로그인하세요.",

  confirmTitle: "이 이메일 주소 사용",
  confirmText: "앞으로 이 주소로 로그인하고, 계정에 관한 메일도 이 주소로 받습니다.",
  confirmAction: "이 주소 사용",
  confirmDone: "이메일 주소를 변경했습니다",
  confirmDoneText: "앞으로 새 주소로 로그인하세요. 이전 주소에도 알렸습니다.",

  undoTitle: "이메일 주소 변경 되돌리기",
  undoText: "계정의 주소가 이 주소로 복구됩니다. 모든 기기에서 로그아웃되고 기존 비밀번호는 사용할 수 없습니다. 이어서 메일로 새 비밀번호를 정하세요.",
  undoAction: "되돌리기",
  undoDone: "이메일 주소를 되돌렸습니다",
  undoDoneText: "모든 기기에서 로그아웃되었습니다. 이제 새 비밀번호를 정하세요. 링크를 보내 드립니다.",

  address: "이메일 주소",
  addressHint: "로그인에 사용하는 주소입니다. 새 주소는 그 주소에서 확인한 뒤에 적용되며, 이전 주소에도 알립니다.",
  verified: "확인됨",
  notVerified: "확인되지 않음",
  sendAgain: "메일 다시 보내기",
  newAddress: "새 이메일 주소",
  changeAddress: "주소 변경",
};
