import type { MailTexts, Named } from "./mail-texts.ts";

const where = ({ at, device, ip }: Named): string =>
  [`시간: ${at}`, `기기: ${device ?? "알 수 없음"}`, ...(ip === null ? [] : [`주소: ${ip}`])].join("\n");

export const korean: MailTexts = {
  mails: {
    reset_password: ({ service, validity }) => ({
      subject: `${service} 비밀번호 재설정`,
      paragraphs: [`${service} 계정의 비밀번호 재설정이 요청되었습니다. 아래 링크에서 새 비밀번호를 정하세요.`],
      action: "새 비밀번호 정하기",
      after: [
        `링크는 ${validity} 동안 한 번만 사용할 수 있으며, 가장 최근의 링크만 유효합니다. 재설정하면 모든 기기에서 로그아웃됩니다.`,
        "아직 확인되지 않은 이메일 주소라면, 이 계정에 연결된 다른 서비스의 로그인은 해제됩니다.",
        "직접 요청하지 않았다면 아무것도 하지 않아도 됩니다. 아무것도 변경되지 않습니다.",
      ],
    }),
    verify_email: ({ service, validity }) => ({
      subject: `${service} 이메일 주소 확인`,
      paragraphs: [`이 이메일 주소로 ${service} 계정이 만들어졌습니다. 본인의 주소인지 확인해 주세요.`],
      action: "이메일 주소 확인",
      after: [`링크는 ${validity} 동안 유효합니다.`, "계정을 만들지 않았다면 확인하지 마세요. 아무것도 하지 않아도 됩니다."],
    }),
    confirm_sign_up: ({ service, validity }) => ({
      subject: `${service} 가입 완료`,
      paragraphs: [`이 이메일 주소로 ${service} 계정을 만들려는 요청이 있었습니다. 아래 링크를 열고 직접 정한 비밀번호를 입력하면 계정이 만들어집니다.`],
      action: "계정 만들기",
      after: [
        `링크는 ${validity} 동안 한 번만 사용할 수 있습니다. 같은 메일이 여러 통이라면 다른 사람이 이 주소를 사용했을 수 있습니다. 본인이 가입할 때 받은 링크에서만 본인의 비밀번호를 사용할 수 있습니다.`,
        "직접 요청하지 않았다면 링크를 열지 마세요. 계정은 만들어지지 않습니다.",
      ],
    }),
    confirm_email: ({ service, validity }) => ({
      subject: `${service} 새 이메일 주소 확인`,
      paragraphs: [`${service} 계정의 이메일을 이 주소로 변경하는 요청이 있었습니다.`],
      action: "이 주소 사용",
      after: [`링크는 ${validity} 동안 유효합니다. 확인하기 전에는 아무것도 변경되지 않습니다.`, "직접 요청하지 않았다면 아무것도 하지 않아도 됩니다."],
    }),
    account_exists: ({ service }) => ({
      subject: `${service} 계정이 이미 있습니다`,
      paragraphs: [`방금 이 주소를 ${service} 계정에 사용하려는 시도가 있었습니다. 이 주소의 계정이 이미 있으며, 변경된 것은 없습니다.`],
      action: "로그인",
      after: ["비밀번호를 모른다면 로그인 페이지에서 새로 정할 수 있으며, 그러면 이 계정에 로그인된 다른 사람은 모두 로그아웃됩니다. 본인이 아니라면 아무것도 하지 않아도 됩니다."],
    }),
    email_changed: (named) => ({
      subject: `${named.service} 계정의 이메일 주소가 변경되었습니다`,
      paragraphs: [`${named.service} 계정의 이메일 주소가 변경되었습니다. 앞으로 이 주소로는 메일이 오지 않습니다.`, where(named)],
      action: "본인이 아닙니다. 되돌리기",
      after: [
        `본인이 변경했다면 아무것도 하지 않아도 됩니다. 아니라면 ${named.validity} 안에 되돌리세요. 이 주소로 복구되고, 모든 기기에서 로그아웃되며, 기존 비밀번호는 사용할 수 없게 되어 새로 정하게 됩니다.`,
      ],
    }),
    // To whom it was taken from: nothing of who took it back.
    email_change_undone: ({ service, at }) => ({
      subject: `${service} 계정의 이메일 주소 변경이 취소되었습니다`,
      paragraphs: [
        `이 이메일 주소를 사용하던 ${service} 계정의 주소가 이전 주소로 되돌려졌습니다. 이전 주소로 보낸 링크를 통해 취소되었습니다. 앞으로 이 주소로는 계정 메일이 오지 않으며, 모든 기기에서 로그아웃되었고, 기존 비밀번호는 사용할 수 없습니다.`,
        `시간: ${at}`,
      ],
      after: [
        "본인의 계정인데 직접 취소하지 않았다면 다른 사람이 이전 메일함을 보고 있는 것입니다. 먼저 그 메일함을 안전하게 한 다음, 이전 주소로 비밀번호를 재설정하세요.",
      ],
    }),
    password_changed: (named) => ({
      subject: `${named.service} 비밀번호가 변경되었습니다`,
      paragraphs: [`${named.service} 계정의 비밀번호가 방금 변경되었습니다.`, where(named)],
      action: "본인이 아닙니다. 비밀번호 재설정",
      after: ["본인이 변경했다면 아무것도 하지 않아도 됩니다."],
    }),
    new_device: (named) => ({
      subject: `${named.service}에 새로운 기기로 로그인했습니다`,
      paragraphs: [
        `최근에 사용하지 않은 기기에서 ${named.provider === null ? "" : `${named.provider} 계정으로 `}${named.service} 계정에 로그인했습니다.`,
        where(named),
      ],
      action: named.provider === null ? "본인이 아닙니다. 비밀번호 재설정" : "로그인된 기기 보기",
      after: [
        named.provider === null
          ? "본인이 로그인했다면 아무것도 하지 않아도 됩니다."
          : `본인이 로그인했다면 아무것도 하지 않아도 됩니다. 아니라면 해당 기기를 로그아웃하고 ${named.provider} 계정의 보안을 확인하세요.`,
      ],
    }),
    session_stolen: (named) => ({
      subject: `${named.service}에서 기기 하나를 로그아웃했습니다`,
      paragraphs: [
        `${named.service}에 로그인된 기기의 인증 정보가 복제되어 사용되었습니다. 그래서 해당 세션을 종료했습니다. 그 기기에서 다시 로그인해야 할 수 있습니다.`,
        where(named),
      ],
      action: "로그인된 기기 보기",
      after: ["앱의 오류일 수도 있습니다. 다시 발생하면 해당 기기에 악성 코드가 있는지 확인하고 비밀번호를 변경하세요."],
    }),
    identity_linked: (named) => ({
      subject: `${named.service} 계정에 ${named.provider} 로그인이 연결되었습니다`,
      paragraphs: [`이제 연결된 ${named.provider} 계정으로 ${named.service} 계정에 로그인할 수 있습니다.`, where(named)],
      action: "로그인 방법 보기",
      after: ["본인이 연결했다면 아무것도 하지 않아도 됩니다. 아니라면 연결을 해제하고 비밀번호를 변경하세요."],
    }),
    identity_unlinked: (named) => ({
      subject: `${named.service} 계정에서 ${named.provider} 로그인 연결이 해제되었습니다`,
      paragraphs: [`이제 해당 ${named.provider} 계정으로는 ${named.service} 계정에 로그인할 수 없습니다. 다른 기기는 로그아웃되었습니다.`, where(named)],
      action: "로그인 방법 보기",
      after: ["본인이 해제했다면 아무것도 하지 않아도 됩니다."],
    }),
    factor_added: (named) => ({
      subject: `${named.service} 계정에 2단계 로그인 수단이 추가되었습니다`,
      paragraphs: [`${named.service} 계정에 본인 확인 수단(인증 앱 또는 패스키)이 방금 추가되었습니다. 이미 로그인한 기기는 그대로 로그인되어 있습니다.`, where(named)],
      action: "본인이 아닙니다. 비밀번호 재설정",
      after: [
        "본인이 하셨다면 아무것도 하지 않으셔도 됩니다. 본인이 아니라면 비밀번호를 재설정하세요. 모든 기기에서 로그아웃됩니다. 그런 다음 로그인하여 본인이 추가하지 않은 수단을 계정에서 삭제하세요.",
        `본인에게 없는 2단계 수단을 요구받으면 ${named.service} 운영자에게 2단계 로그인을 해제해 달라고 요청하세요.`,
      ],
    }),
    factor_removed: (named) => ({
      subject: `${named.service} 계정에서 2단계 로그인 수단이 삭제되었습니다`,
      paragraphs: [`${named.service} 계정에서 인증 앱 또는 패스키가 방금 삭제되었습니다. 다른 기기는 로그아웃되었습니다.`, where(named)],
      action: "로그인 방법 확인하기",
      after: ["본인이 하셨다면 아무것도 하지 않으셔도 됩니다. 본인이 아니라면 비밀번호를 바꾸고 모든 기기에서 로그아웃하세요."],
    }),
    recovery_code_used: (named) => ({
      subject: `${named.service} 계정의 복구 코드가 사용되었습니다`,
      paragraphs: [`복구 코드 하나로 ${named.service} 계정에 로그인했습니다. 이 코드는 다시 사용할 수 없습니다.`, where(named)],
      action: "로그인 방법 확인하기",
      after: ["본인이 하셨다면 아무것도 하지 않으셔도 됩니다. 본인이 아니라면 비밀번호를 바꾸고, 복구 코드를 새로 만들고, 모든 기기에서 로그아웃하세요."],
    }),
    recovery_codes_replaced: (named) => ({
      subject: `${named.service} 계정의 복구 코드가 새로 만들어졌습니다`,
      paragraphs: [`${named.service} 계정의 복구 코드가 방금 새로 만들어졌습니다. 이전 코드는 더 이상 사용할 수 없습니다.`, where(named)],
      action: "로그인 방법 확인하기",
      after: ["본인이 하셨다면 아무것도 하지 않으셔도 됩니다. 본인이 아니라면 비밀번호를 바꾸고 모든 기기에서 로그아웃하세요."],
    }),
    factors_reset: (named) => ({
      subject: `${named.service} 계정의 2단계 로그인이 해제되었습니다`,
      paragraphs: [`${named.service} 운영자가 계정의 2단계 로그인 수단(인증 앱, 패스키, 복구 코드)을 모두 해제했습니다. 모든 기기에서 로그아웃되었습니다.`, where(named)],
      action: "다시 설정하기",
      after: ["요청하신 적이 없다면 비밀번호를 바꾸고 운영자에게 문의하세요."],
    }),
  },
  signature: (service) => `${service}에서 자동으로 보낸 메일입니다. 회신은 확인하지 않습니다.`,
};
